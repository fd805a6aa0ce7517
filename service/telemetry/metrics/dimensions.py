"""The values that labels can have: a closed list of each, or what the configuration names, and `other` for the rest."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from mainstay import v1 as pb
from service.pipeline.facts import Fit
from service.policies.circuit import State
from service.telemetry.metrics.most import Dimension, Most

NONE = ""
"""A label that is not there: Prometheus takes an empty one for that, and OTLP gets none."""
DIRECT = "provider/model"
"""The route of calls that name their target themselves; no route can have a slash in its name."""
CALLERS = 100
"""Callers that get a label of their own: the first that come and are let in."""

SERVICE = "mainstay.v1.ChatService"
CHATS: Mapping[str, str] = {method: f"{SERVICE}/{method}" for method in ("Chat", "ChatStream")}
ASIDE = ("CountTokens", "ListModels")
"""Methods that ask no model."""
METHODS: Mapping[str, str] = {**CHATS, **{method: f"{SERVICE}/{method}" for method in ASIDE}}
STATUSES = frozenset(
    {
        *("OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS"),
        *("PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE"),
        *("UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"),
    }
)
"""gRPC's."""


class _Enum(Protocol):
    def items(self) -> Sequence[tuple[str, int]]: ...


def _names(enum: _Enum, prefix: str) -> dict[int, str]:
    """By number; without the zero, which stands for none."""
    return {number: name.removeprefix(prefix) for name, number in enum.items() if number}


FAILURES = _names(pb.FailureKind, "FAILURE_KIND_")
SOURCES = _names(pb.Source, "SOURCE_")
CAUSES = {number: name.lower() for number, name in _names(pb.AttemptCause, "ATTEMPT_CAUSE_").items()}
OUTCOMES = {number: name.lower() for number, name in _names(pb.AttemptOutcome, "ATTEMPT_OUTCOME_").items()}
"""In small letters, as in spans."""

REFUSALS = frozenset({"INVALID_REQUEST", "LIMIT_EXCEEDED", "MODEL_NOT_FOUND", "NOT_SERVING", "DRAINING", "INTERNAL"})
"""Reasons for which the edge turns calls away; docs/error-reasons.md explains them."""
REASONS = frozenset({"OK", *REFUSALS, *FAILURES.values()})

METHOD = Dimension(("rpc.method",), Most(besides=len(METHODS) + 1))
CHAT = Dimension(("rpc.method",), Most(besides=len(CHATS) + 1))
STATUS = Dimension(("rpc.response.status_code", "error.type"), Most(besides=len(STATUSES) + 1))
ROUTE = Dimension(("mainstay.route",), Most(routes=1, besides=3))
"""Besides the routes: DIRECT, NONE for calls that were turned away at the door, OTHER."""
SOURCE = Dimension(("mainstay.source",), Most(besides=len(SOURCES) + 2))
REASON = Dimension(("mainstay.reason",), Most(besides=len(REASONS) + 1))
CALLER = Dimension(("mainstay.caller",), Most(besides=CALLERS + 1))
TARGET = Dimension(("gen_ai.provider.name", "gen_ai.request.model"), Most(targets=1, providers=1, besides=1))
"""Other models of a known provider are one value for each provider, and all other providers are one."""
ROUTED = Dimension(("gen_ai.provider.name", "gen_ai.request.model"), Most(targets=1))
PROVIDER = Dimension(("gen_ai.provider.name",), Most(providers=1))
ERROR = Dimension(("error.type",), Most(besides=len(FAILURES) + 2))
"""NONE and OTHER among them."""
CAUSE = Dimension(("mainstay.attempt.cause",), Most(besides=len(CAUSES) + 1))
OUTCOME = Dimension(("mainstay.attempt.outcome", "error.type"), Most(besides=3 + len(FAILURES) + 2))
"""Answered, abandoned and OTHER without an error; failed with each, OTHER or NONE."""
TOKEN = Dimension(("gen_ai.token.type",), Most(besides=2))
FROM = Dimension(("mainstay.from",), Most(targets=1, besides=1))
ONTO = Dimension(("mainstay.onto",), Most(targets=1, besides=1))
FIT = Dimension(("mainstay.fit",), Most(besides=len(Fit)))
MODE = Dimension(("mainstay.mode",), Most(besides=2))
STATE = Dimension(("mainstay.state",), Most(besides=len(State)))
RULE = Dimension(("mainstay.rule",), Most(rules=1, besides=1))
RESULT = Dimension(("mainstay.cache.result",), Most(besides=3))
CONFIGURATION = Dimension(("service.version", "mainstay.configuration.digest"), Most(besides=1))
