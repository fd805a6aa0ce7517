"""The question that every program is asked, and what the upstream answers."""

from pathlib import Path

from mainstay import system, user
from mainstay import v1 as pb
from tests.bench.configuration import CACHED_ROUTE, PACED_ROUTE, PLAIN_ROUTE

CHUNKS = 200
ANSWER = (
    "Hello! The capital of France is Paris, and this answer is fixed so that every gateway relays the very same bytes."
)
BURST = "".join(f"token {number:03d} of a text" for number in range(CHUNKS))
PACED_BYTES = CHUNKS * len("~T0123456789012345")


def question(route: str) -> pb.ChatRequest:
    """As mkbodies.py asks it, in our own words."""
    return pb.ChatRequest(
        model=route,
        temperature=0.2,
        max_output_tokens=256,
        messages=[
            system("You are a helpful assistant."),
            user("What is the capital of France? Answer in one short sentence please."),
        ],
    )


def write_bodies(folder: Path) -> None:
    """One serialised request per route, for the load generator."""
    for route in (PLAIN_ROUTE, CACHED_ROUTE, PACED_ROUTE):
        (folder / f"{route}.pb").write_bytes(question(route).SerializeToString())
