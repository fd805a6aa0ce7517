"""The reference programs, copied and compiled as they are; the load generator; and the request bodies of both."""

import hashlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
PROGRAMS = ROOT / "../shared/bench"
BUILT = ROOT / ".cache/bench"
REFERENCE_PYTHON = ROOT / ".venv-bench/bin/python"
PROTOC_PYTHON = ROOT / ".venv-proto/bin/python"

_COMPILED = {"mockup": (), "bload": ("-lnghttp2",)}
_INTERPRETED = ("echo.py", "relay.py", "rawhttp.py", "sse.py", "mkbodies.py", "chat.proto")
_SOURCES = (*(f"{name}.c" for name in _COMPILED), *_INTERPRETED)
_HEADER = ("-fsyntax-only", "-include", "nghttp2/nghttp2.h", "-x", "c", "/dev/null")


class Missing(RuntimeError):
    """Something that this machine lacks; the message says what to install."""


@dataclass(frozen=True, slots=True)
class Tools:
    """Where everything is that runs beside the service."""

    folder: Path

    @property
    def mockup(self) -> Path:
        """The upstream."""
        return self.folder / "programs/mockup"

    @property
    def bload(self) -> Path:
        """The load generator."""
        return self.folder / "programs/bload"

    @property
    def echo(self) -> Path:
        """Bare grpc.aio: the floor."""
        return self.folder / "programs/echo.py"

    @property
    def relay(self) -> Path:
        """gRPC in, HTTP out, no features."""
        return self.folder / "programs/relay.py"

    def body(self, name: str) -> Path:
        """A request of the reference programs."""
        return self.folder / "bodies" / name


def tools(programs: Path = PROGRAMS) -> Tools:
    """The tools, made if there are none of these very sources. Raises Missing."""
    _look(programs)
    made = _made(programs)
    if not made.folder.is_dir():
        need_a_compiler()
        BUILT.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=BUILT) as folder:
            _make(programs, Path(folder) / "new")
            (Path(folder) / "new").rename(made.folder)
    return made


def made_before(programs: Path = PROGRAMS) -> Tools | None:
    """The tools, if they are there already."""
    if not REFERENCE_PYTHON.exists() or not all((programs / name).is_file() for name in _SOURCES):
        return None
    made = _made(programs)
    return made if made.folder.is_dir() else None


def same_interpreter() -> None:
    """Raises Missing unless the reference programs run on this Python and this grpcio."""
    ask = "import grpc, platform; print(platform.python_version(), grpc.__version__)"
    theirs, ours = (_answer(python, ask) for python in (str(REFERENCE_PYTHON), sys.executable))
    if theirs != ours:
        raise Missing(
            f"the reference programs have Python and grpcio {theirs}, the service has {ours}: "
            "remove .venv-bench, and `make bench` sets it up anew"
        )


def _answer(python: str, question: str) -> str:
    return subprocess.run([python, "-c", question], check=True, capture_output=True, text=True).stdout.strip()


def _made(programs: Path) -> Tools:
    digest = hashlib.sha256()
    for name in _SOURCES:
        digest.update((programs / name).read_bytes())
    return Tools(BUILT / digest.hexdigest()[:16])


def _look(programs: Path) -> None:
    if not Path("/proc/self/stat").exists():
        raise Missing("CPU time and memory are read from /proc: this needs Linux")
    if absent := [name for name in _SOURCES if not (programs / name).is_file()]:
        raise Missing(f"no {', '.join(absent)} in {programs}: say BENCH=folder with the reference programs")
    for python in (REFERENCE_PYTHON, PROTOC_PYTHON):
        if not python.exists():
            raise Missing(f"no {python.relative_to(ROOT)}: `make bench` sets it up")


def need_a_compiler() -> None:
    """Raises Missing with the packages that make one."""
    packages = []
    if shutil.which("cc") is None:
        packages = ["gcc", "libc6-dev", "libnghttp2-dev"]
    elif subprocess.run(["cc", *_HEADER], check=False, capture_output=True).returncode:
        packages = ["libc6-dev", "libnghttp2-dev"]
    if packages:
        raise Missing(f"the load generator cannot be compiled. Debian, Ubuntu: apt-get install {' '.join(packages)}")


def _make(programs: Path, folder: Path) -> None:
    copy = folder / "programs"
    copy.mkdir(parents=True)
    for name in _SOURCES:
        shutil.copy(programs / name, copy)
    for name, libraries in _COMPILED.items():
        _run(copy, "cc", "-O2", "-o", name, f"{name}.c", *libraries)
    stubs = ("-I.", "--python_out=.", "--grpc_python_out=.", "chat.proto")
    _run(copy, str(PROTOC_PYTHON), "-m", "grpc_tools.protoc", *stubs)
    _run(copy, str(REFERENCE_PYTHON), "mkbodies.py")  # beside its folder, in bodies/


def _run(folder: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    if done.returncode:
        raise Missing(f"`{' '.join(command)}` failed:\n{done.stderr.strip()}")
