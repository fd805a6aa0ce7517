"""Who may import whom: the directions of DESIGN.md, section 10, as two tables."""

from pathlib import Path
from typing import NamedTuple

import grimp
import pytest

ROOT = Path(__file__).parents[1]

# What each part of `service` may import of the others. A new part needs a row.
PARTS = {
    "service.admin": [],  # probes are answered from what the composition root tells it
    "service.app": ["service"],  # the composition root sees everything,
    "service.cli": ["service"],  # and so does what starts it,
    "service.serving": ["service"],  # in two steps: this one once OpenTelemetry's SDK may read the environment
    "service.chat": [],
    "service.composition": [  # belongs to app and cli: what these parts are told of each other
        "service.admin.readiness",
        "service.chat",
        "service.config",
        "service.pipeline",
        "service.policies",
        "service.providers",
        "service.stores",
        "service.telemetry",
        "service.version",
    ],
    "service.config": ["service.chat.target"],
    "service.forms": ["service.chat"],
    "service.pipeline": ["service.chat", "service.policies"],
    "service.policies": ["service.chat"],
    "service.providers": [
        "service.chat",
        "service.policies.keys",  # the lease chooses; only the leaf knows which key was refused
    ],
    "service.rpc": ["service.chat"],
    "service.simulator": [],  # plays a stranger: it must not know what we know
    "service.stores": ["service.chat"],
    "service.telemetry": [
        "service.chat",
        "service.pipeline.facts",
        "service.pipeline.genai",  # spans and metrics call providers by one name
        "service.policies.circuit",  # the words for its states
    ],
    "service.version": [],
}

# The parts of `service` through which alone a package comes in.
DOORS = {
    "bpe_openai": ["service.composition.vocabulary"],
    "grpc": ["service.rpc"],
    "grpc_health": ["service.rpc"],
    "grpc_reflection": ["service.rpc"],
    "grpc_status": ["service.rpc"],
    "mainstay.v1.chat_pb2_grpc": ["service.rpc"],
    "httptools": ["service.providers.http.incoming"],
    "httpx": ["service.providers.http.connecting", "service.providers.http.proxied"],  # certifi's authorities; proxies
    "json_repair": ["service.forms.work"],  # hostile texts and schemas can make either take for ever, or all memory:
    "jsonschema_rs": ["service.forms.work"],  # only the process that does it may load them (see the test below)
    "prometheus_client": ["service.telemetry.metrics"],
    "httpx_aiohttp": ["service.providers.http.proxied"],
    "aiohttp": ["service.admin", "service.providers.http.proxied", "service.simulator"],
}


class Import(NamedTuple):
    """One import statement; `line` is its number and text."""

    importer: str
    imported: str
    line: str


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("service", "mainstay", include_external_packages=True, cache_dir=None)


@pytest.fixture(scope="module")
def imports(graph: grimp.ImportGraph) -> list[Import]:
    return [
        Import(importer, imported, f"{detail['line_number']}: {detail['line_contents']}")
        for importer in sorted(graph.modules)
        for imported in sorted(graph.find_modules_directly_imported_by(importer))
        for detail in graph.get_import_details(importer=importer, imported=imported)
    ]


def test_every_part_of_the_service_has_a_row(graph: grimp.ImportGraph) -> None:
    assert graph.find_children("service") - PARTS.keys() == set()


def test_every_file_of_the_service_is_looked_at(graph: grimp.ImportGraph) -> None:
    files = {".".join(file.relative_to(ROOT).with_suffix("").parts) for file in ROOT.glob("service/**/*.py")}
    modules = {file.removesuffix(".__init__") for file in files}

    assert modules - graph.modules == set(), "not seen by this test: is there an __init__.py in the folder?"


@pytest.mark.parametrize("part", PARTS)
def test_a_part_imports_only_what_its_row_says(imports: list[Import], part: str) -> None:
    of_others = [i for i in imports if within(i.importer, part) and within(i.imported, "service")]

    wrong = [i for i in of_others if not within(i.imported, part, *PARTS[part])]

    assert wrong == [], f"{part} may import of the service only {PARTS[part] or 'itself'}"


@pytest.mark.parametrize("package", DOORS)
def test_a_package_comes_in_through_its_door(imports: list[Import], package: str) -> None:
    of_package = [i for i in imports if within(i.importer, "service") and within(i.imported, package)]

    wrong = [i for i in of_package if not within(i.importer, *DOORS[package])]

    assert wrong == [], f"in the service only {DOORS[package]} may import {package}"


def test_only_the_process_that_does_it_loads_what_hostile_schemas_could_hang(graph: grimp.ImportGraph) -> None:
    assert graph.find_modules_that_directly_import("service.forms.work") == {"service.forms.worker"}
    assert graph.find_modules_that_directly_import("service.forms.worker") == set()


def test_the_service_uses_only_the_stubs_of_the_client(imports: list[Import]) -> None:
    of_client = [i for i in imports if within(i.importer, "service") and within(i.imported, "mainstay")]

    assert [i for i in of_client if not within(i.imported, "mainstay.v1")] == []


def test_the_client_does_not_know_the_service(imports: list[Import]) -> None:
    assert [i for i in imports if within(i.importer, "mainstay") and within(i.imported, "service")] == []


def within(module: str, *packages: str) -> bool:
    """Whether the module is one of the packages or lies in one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)
