"""Answers, failures and models in words, a line each. Pure."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from google.protobuf.duration_pb2 import Duration

from mainstay import v1 as pb
from mainstay.errors import MainstayError, Unavailable

_CONTROLS = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}

V = TypeVar("V", bound=int)


def printable(text: str) -> str:
    """`text` without control characters: what a model says must not drive the terminal that shows it."""
    return text.translate(_CONTROLS)


def summary(response: pb.ChatResponse) -> list[str]:
    """How an answer came about."""
    provenance = response.provenance
    lines = [_row("source", _source(response))]
    if response.notice:
        lines.append(_row("notice", response.notice))
    if response.finish_reason != pb.FINISH_REASON_STOP:
        lines.append(_row("finish", _word(pb.FinishReason.Name, response.finish_reason, "FINISH_REASON_")))
    if response.HasField("structured_output"):
        lines += _form(response.structured_output)
    lines += [_row("adjusted", _adjustment(adjustment)) for adjustment in response.adjustments]
    lines += _attempts(provenance.attempts)
    lines.append(_row("tokens", _tokens(response.usage) if response.HasField("usage") else "unknown"))
    lines.append(_row("cost", _cost(provenance)))
    lines.append(_row("time", _time(provenance)))
    if provenance.trace_id:
        lines.append(_row("trace", provenance.trace_id))
    return lines


def failure(error: MainstayError) -> list[str]:
    """Why there is no answer, and what to do."""
    reason = f" ({error.reason})" if error.reason else ""
    lines = [f"mainstay: {error.message}{reason}{_advice(error)}"]
    lines += [f"  {violation.field}: {violation.description}" for violation in error.violations]
    if error.call_failure is not None:
        lines += _attempts(error.call_failure.provenance.attempts)
    if error.retry_after is not None:
        lines.append(_row("retry", f"after {error.retry_after:g} s"))
    if error.trace_id:
        lines.append(_row("trace", error.trace_id))
    return lines


def models(found: Sequence[pb.Model]) -> list[str]:
    """A table of models."""
    width = max((len(model.name) for model in found), default=0)
    return [f"{model.name:<{width}}  {_abilities(model)}" for model in found]


def begun_anew(reset: pb.AttemptReset) -> str:
    """What happened to an answer of which some was shown already."""
    why = _word(pb.FailureKind.Name, reset.reason, "FAILURE_KIND_")
    return f"[{why}: forget the above, {_target(reset.provider, reset.model)} answers anew]"


def _row(name: str, value: str) -> str:
    return f"{name:<9} {value}"


def _source(response: pb.ChatResponse) -> str:
    source = _word(pb.Source.Name, response.source, "SOURCE_")
    target = _target(response.provenance.provider, response.provenance.model)
    return f"{source}, {target}" if target else source


def _form(output: pb.StructuredOutput) -> list[str]:
    """Whether the answer has the form that was asked for, unless it simply has."""
    how = [word for word, said in (("repaired", output.repaired), ("asked twice", output.reasked)) if said]
    if output.valid and not how:
        return []
    head = _row("form", ", ".join(["valid" if output.valid else "not what was asked for", *how]))
    return [head, *(f"  {violation}" for violation in output.violations)]


def _target(provider: str, model: str) -> str:
    return "/".join(name for name in (provider, model) if name)


def _adjustment(adjustment: pb.Adjustment) -> str:
    action = _word(pb.AdjustmentAction.Name, adjustment.action, "ADJUSTMENT_ACTION_")
    return f"{adjustment.field} {action}" + (f": {adjustment.detail}" if adjustment.detail else "")


def _attempts(attempts: Sequence[pb.Attempt]) -> list[str]:
    """How many there were; each of them too, unless the only one answered."""
    if not attempts:
        return [_row("attempts", "none")]
    count = _row("attempts", str(len(attempts)))
    if len(attempts) == 1 and attempts[0].outcome == pb.ATTEMPT_OUTCOME_ANSWERED:
        return [count]
    return [count, *(f"  {_attempt(attempt)}" for attempt in attempts)]


def _attempt(attempt: pb.Attempt) -> str:
    outcome = _word(pb.AttemptOutcome.Name, attempt.outcome, "ATTEMPT_OUTCOME_")
    cause = _word(pb.AttemptCause.Name, attempt.cause, "ATTEMPT_CAUSE_")
    kind = _word(pb.FailureKind.Name, attempt.failure, "FAILURE_KIND_") if attempt.failure else ""
    story = ": ".join(word for word in (outcome, kind, attempt.detail) if word)
    target = _target(attempt.provider, attempt.model)
    return f"{attempt.number}. {target} ({cause}) {story}, {_seconds(attempt.latency)}"


def _tokens(usage: pb.Usage) -> str:
    guess = " (estimated)" if usage.estimated else ""
    return f"{usage.input_tokens} in, {usage.output_tokens} out{guess}"


def _cost(provenance: pb.Provenance) -> str:
    if not provenance.HasField("cost_nano_usd"):
        return "unknown"
    guess = " (some of it estimated)" if any(attempt.usage.estimated for attempt in provenance.attempts) else ""
    return f"${_dollars(provenance.cost_nano_usd)}{guess}"


def _dollars(nano: int) -> str:
    """All digits that there are: `0.0000125`, `3`."""
    whole, rest = divmod(nano, 10**9)
    return f"{whole}.{rest:09}".rstrip("0").rstrip(".")


def _time(provenance: pb.Provenance) -> str:
    elapsed = _seconds(provenance.elapsed)
    if not provenance.HasField("time_to_first_token"):
        return elapsed
    return f"{elapsed}, first token after {_seconds(provenance.time_to_first_token)}"


def _seconds(duration: Duration) -> str:
    return f"{duration.seconds + duration.nanos / 1e9:.2f} s"


def _abilities(model: pb.Model) -> str:
    abilities = ("tools", "images", "json_schema", "reasoning")
    window = f"{model.context_tokens} tokens" if model.HasField("context_tokens") else ""
    usable = "" if model.usable else "not usable: no credential"
    words: Iterable[str] = (
        " > ".join(model.targets),
        window,
        *(name for name in abilities if getattr(model, name)),
        usable,
    )
    return ", ".join(word for word in words if word)


def _advice(error: MainstayError) -> str:
    if isinstance(error, Unavailable) and not error.reason:
        return ". Is it running? `make run` starts it; --target names another."
    return ""


def _word(name: Callable[[V], str], number: V, prefix: str) -> str:
    try:
        return name(number).removeprefix(prefix).lower().replace("_", " ")
    except ValueError:
        return str(int(number))  # newer than this release
