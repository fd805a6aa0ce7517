"""Rules for a question that is only counted: those of a question, and that there is one."""

from google.protobuf.unknown_fields import UnknownFieldSet

from mainstay import v1 as pb
from service.rpc import limits
from service.rpc.validation.request import violations_of
from service.rpc.validation.unknown import unknown_bytes
from service.rpc.validation.violations import Violations


def violations_of_count(request: pb.CountTokensRequest) -> Violations:
    """Everything that is wrong with the request; `count` is 0 for a good one."""
    violations = Violations()
    size = unknown_bytes(request)
    if size > limits.UNKNOWN_BYTES:  # looking at each would take seconds
        violations.add("", f"{size:,} bytes of fields that are not known to this version of Mainstay")
        return violations
    if size:
        _add_unknown(request, violations)
    if not request.HasField("chat"):
        violations.add("chat", "is required: the question as it would be sent to Chat")
        return violations
    _add_all(violations_of(request.chat), violations)
    return violations


def _add_unknown(request: pb.CountTokensRequest, violations: Violations) -> None:
    """Those beside the question; those in it are found with it."""
    unknown = UnknownFieldSet(request)
    for index in range(len(unknown)):
        violations.add(f"#{unknown[index].field_number}", "is not known to this version of Mainstay")


def _add_all(of_chat: Violations, violations: Violations) -> None:
    add = violations.add_limit if of_chat.only_limits else violations.add
    kept = list(of_chat)
    for violation in kept:
        add(f"chat.{violation.field}".rstrip("."), violation.description)
    violations.count += of_chat.count - len(kept)
