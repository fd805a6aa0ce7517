"""The layers, read and joined: catalog < built-in < config.yaml < config.<profile>.yaml < OTEL_… < MAINSTAY__…."""

from collections.abc import Iterator, Mapping, MutableMapping
from functools import reduce
from importlib.resources import files
from pathlib import Path

from service.config.catalog import Catalog, put_catalog_below
from service.config.environment import Environment, overlay, read_environment
from service.config.interpolation import interpolate
from service.config.names import check_name
from service.config.otel import otel
from service.config.otel_exporters import lend, unknown
from service.config.problems import ConfigurationError, Place, Problem
from service.config.removal import remove_nulls, without_empty_sections
from service.config.settings import Settings
from service.config.tree import Node, merge
from service.config.validation import validate
from service.config.yaml_text import MAX_BYTES, parse_yaml

PROFILE = "MAINSTAY_PROFILE"
"""The variable that names the profile when the command line does not."""
BUILT_IN = "builtin.yaml"
_DEFAULT = "config.yaml"


def load(config: Path | None, profile: str | None, environ: Mapping[str, str], cwd: Path, catalog: Catalog) -> Settings:
    """The configuration, valid as a whole.

    `config` must exist if it is given; `config.yaml` in `cwd` need not. The profile's file stands beside it
    and must exist if a profile is named. `.env` is looked for beside the file, then in `cwd`. `catalog` says
    what is not written of a provider. Raises ConfigurationError with every problem there is; what files say
    is judged once all of them can be read.
    """
    problems: list[Problem] = []
    tree = _read_all(config, profile, environ, cwd, problems)
    settings = validate(put_catalog_below(tree, catalog, problems), problems) if tree else None
    if settings is None or problems:
        raise ConfigurationError(problems)
    return settings


def lend_to_exporters(config: Path | None, environ: MutableMapping[str, str], cwd: Path) -> None:
    """Puts the OTEL_ variables of `.env` where OpenTelemetry's exporters look, which is the process's environment."""
    dotenv = _dotenv((cwd / (config or _DEFAULT)).parent, cwd)
    lend(environ, read_environment({}, dotenv, []).dotenv)


def ignored(config: Path | None, environ: Mapping[str, str], cwd: Path) -> Iterator[Problem]:
    """Variables that nobody reads, though they look as if somebody should: no reason not to start, but to say so."""
    dotenv = _dotenv((cwd / (config or _DEFAULT)).parent, cwd)
    return unknown(read_environment(environ, dotenv, []))


def _read_all(
    config: Path | None, profile: str | None, environ: Mapping[str, str], cwd: Path, problems: list[Problem]
) -> Node | None:
    base = cwd / (config or _DEFAULT)
    environment = read_environment(environ, _dotenv(base.parent, cwd), problems)
    layers = [_built_in(problems), _read(base, cwd, problems, required=config is not None)]
    layers.append(_profile_layer(base, profile, environment, cwd, problems))
    tree = reduce(merge, [without_empty_sections(layer) for layer in layers if layer])
    tree = overlay(otel(tree, environment, problems), environment, problems)
    if problems:
        return None
    return interpolate(remove_nulls(tree, BUILT_IN), environment.variables, problems)


def _dotenv(*folders: Path) -> Path | None:
    return next((folder / ".env" for folder in folders if (folder / ".env").is_file()), None)


def _built_in(problems: list[Problem]) -> Node | None:
    return parse_yaml(files("service.config").joinpath(BUILT_IN).read_bytes(), BUILT_IN, problems)


def _profile_layer(
    base: Path, argument: str | None, environment: Environment, cwd: Path, problems: list[Problem]
) -> Node | None:
    profile = argument or environment.variables.get(PROFILE)
    if not profile:
        return None
    try:
        check_name(profile)
    except ValueError as error:
        place = Place("the profile argument") if argument else environment.place(PROFILE)
        problems.append(Problem(place, (), str(error)))
        return None
    return _read(base.with_name(f"{base.stem}.{profile}{base.suffix}"), cwd, problems, required=True)


def _read(path: Path, cwd: Path, problems: list[Problem], *, required: bool) -> Node | None:
    shown = str(path.relative_to(cwd) if path.is_relative_to(cwd) else path)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        if required:
            problems.append(Problem(Place(shown), (), "there is no such file"))
        return None
    except OSError as error:
        problems.append(Problem(Place(shown), (), f"cannot be read: {error.strerror}"))
        return None
    return parse_yaml(content, shown, problems)
