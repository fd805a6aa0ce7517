"""Rules for a request as a whole and for everything in it that is not a message."""

from collections.abc import Callable, Mapping
from math import inf

from google.protobuf.duration_pb2 import Duration

from mainstay import v1 as pb
from service.rpc import limits
from service.rpc.validation.message import check_messages
from service.rpc.validation.schema import check_parameters, check_schema
from service.rpc.validation.unknown import refuse_unknown_fields
from service.rpc.validation.violations import Violations

TOOL_MODES = frozenset(pb.ToolMode.values()) - {pb.TOOL_MODE_UNSPECIFIED}
CACHE_MODES = frozenset(pb.CacheMode.values())
RECOVERIES = frozenset(pb.Recovery.values())
LONGEST_SECONDS = 1_000 * 86_400
EFFORTS = frozenset(pb.ReasoningEffort.values()) - {pb.REASONING_EFFORT_UNSPECIFIED}


def violations_of(request: pb.ChatRequest) -> Violations:
    """Everything that is wrong with the request; `count` is 0 for a good one. Looks only at fields that are set."""
    violations = Violations()
    if not request.model:
        violations.add("model", "is required: the name of a route (ListModels tells them), or provider/model")
    if not request.messages:
        violations.add("messages", "at least one message is required")
    for field, value in request.ListFields():
        if field.name in RANGES:
            violations.within(field.name, value, *RANGES[field.name])
        elif field.name in CHECKS:
            CHECKS[field.name](request, violations)
    refuse_unknown_fields(request, violations)
    return violations


def _check_model(request: pb.ChatRequest, violations: Violations) -> None:
    violations.bound("model", request.model, limits.MODEL_CHARACTERS)


def _check_stop(request: pb.ChatRequest, violations: Violations) -> None:
    if violations.bound("stop", request.stop, limits.STOP_TEXTS, "texts"):
        for index, text in enumerate(request.stop):
            if not text:
                violations.add(f"stop[{index}]", "must not be empty")
            violations.bound(f"stop[{index}]", text, limits.STOP_CHARACTERS)


def _check_tools(request: pb.ChatRequest, violations: Violations) -> None:
    if not violations.bound("tools", request.tools, limits.TOOLS, "tools"):
        return
    size = sum(len(tool.parameters_json) for tool in request.tools)
    if size > limits.SCHEMAS_CHARACTERS:
        violations.add_limit("tools", f"{size:,} characters of schemas; the limit is {limits.SCHEMAS_CHARACTERS:,}")
        return
    names: set[str] = set()
    for index, tool in enumerate(request.tools):
        path = f"tools[{index}]"
        violations.name(f"{path}.name", tool.name)
        if tool.name in names:
            violations.add(f"{path}.name", f"{tool.name!r} names two tools")
        names.add(tool.name)
        violations.bound(f"{path}.description", tool.description, limits.DESCRIPTION_CHARACTERS)
        if tool.parameters_json:
            check_parameters(f"{path}.parameters_json", tool.parameters_json, violations)


def _check_tool_choice(request: pb.ChatRequest, violations: Violations) -> None:
    choice = request.tool_choice
    match choice.WhichOneof("choice"):
        case "mode":
            if choice.mode not in TOOL_MODES:
                violations.add("tool_choice.mode", f"must be a known mode, is {choice.mode}")
            elif choice.mode == pb.TOOL_MODE_REQUIRED and not request.tools:
                violations.add("tool_choice.mode", "a tool is required, but the request has none")
        case "tool_name":
            if all(tool.name != choice.tool_name for tool in request.tools):
                violations.add("tool_choice.tool_name", "must be the name of one of the request's tools")
        case None:
            violations.add("tool_choice", "one of mode and tool_name is required")


def _check_response_format(request: pb.ChatRequest, violations: Violations) -> None:
    match request.response_format.WhichOneof("format"):
        case "json_schema":
            path = "response_format.json_schema"
            schema = request.response_format.json_schema
            violations.name(f"{path}.name", schema.name)
            check_schema(f"{path}.schema_json", schema.schema_json, violations)
        case "json_object":
            pass
        case None:
            violations.add("response_format", "one of json_object and json_schema is required; leave it unset for text")


def _check_reasoning(request: pb.ChatRequest, violations: Violations) -> None:
    match request.reasoning.WhichOneof("amount"):
        case "effort":
            if request.reasoning.effort not in EFFORTS:
                violations.add("reasoning.effort", f"must be a known effort, is {request.reasoning.effort}")
        case "budget_tokens":
            violations.within("reasoning.budget_tokens", request.reasoning.budget_tokens, 0)
        case None:
            pass


def _check_policy(request: pb.ChatRequest, violations: Violations) -> None:
    policy = request.policy
    for descriptor, value in policy.ListFields():
        if isinstance(value, Duration) and not _is_positive(value):
            violations.add(f"policy.{descriptor.name}", "must be longer than 0, and at most 1,000 days")
    if policy.cache not in CACHE_MODES:
        violations.add("policy.cache", f"must be a known mode, is {policy.cache}")
    if policy.recovery not in RECOVERIES:
        violations.add("policy.recovery", f"must be a known recovery, is {policy.recovery}")
    if policy.HasField("max_attempts"):
        violations.within("policy.max_attempts", policy.max_attempts, 1)


def _is_positive(duration: Duration) -> bool:
    """By at least a microsecond, the finest that clocks here tell apart."""
    nanos = duration.seconds * 10**9 + duration.nanos
    return 1000 <= nanos <= LONGEST_SECONDS * 10**9 and 0 <= duration.nanos < 10**9


def _check_labels(request: pb.ChatRequest, violations: Violations) -> None:
    if violations.bound("labels", request.labels, limits.LABELS, "labels"):
        for key, value in request.labels.items():
            violations.bound("labels", key, limits.LABEL_CHARACTERS)
            violations.bound(f"labels[{key[:32]!r}]", value, limits.LABEL_CHARACTERS)


def _check_provider_options(request: pb.ChatRequest, violations: Violations) -> None:
    if violations.bound("provider_options", request.provider_options, limits.PROVIDER_OPTIONS, "providers"):
        for key, value in request.provider_options.items():
            violations.json_object(f"provider_options[{key[:32]!r}]", value, limits.PROVIDER_OPTION_CHARACTERS)


def _check_end_user(request: pb.ChatRequest, violations: Violations) -> None:
    violations.bound("end_user", request.end_user, limits.END_USER_CHARACTERS)


RANGES: Mapping[str, tuple[float, float]] = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "top_k": (1, inf),
    "max_output_tokens": (1, inf),
    "presence_penalty": (-2, 2),
    "frequency_penalty": (-2, 2),
}
"""Fields that are numbers: the least and the most."""

CHECKS: Mapping[str, Callable[[pb.ChatRequest, Violations], None]] = {
    "model": _check_model,
    "messages": check_messages,
    "stop": _check_stop,
    "tools": _check_tools,
    "tool_choice": _check_tool_choice,
    "response_format": _check_response_format,
    "reasoning": _check_reasoning,
    "policy": _check_policy,
    "labels": _check_labels,
    "provider_options": _check_provider_options,
    "end_user": _check_end_user,
}
"""What is wrong with a field that is set."""
