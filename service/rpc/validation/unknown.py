"""Fields that this version does not know: a caller who set one meant something that would not happen."""

from collections.abc import Iterable, Iterator

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet

from service.rpc import limits
from service.rpc.validation.violations import Violations


def refuse_unknown_fields(message: Message, violations: Violations) -> None:
    """Adds a violation for each unknown field, at any depth; one for all of them if there are very many."""
    size = unknown_bytes(message)
    if size > limits.UNKNOWN_BYTES:
        violations.add("", f"{size:,} bytes of fields that are not known to this version of Mainstay")
    elif size:
        for path in _unknown(message, ""):
            violations.add(path, "is not known to this version of Mainstay")


def unknown_bytes(message: Message) -> int:
    """How long the unknown fields are. Cheap even for large requests: without them a message is shorter."""
    known = type(message)()
    known.CopyFrom(message)
    known.DiscardUnknownFields()
    return message.ByteSize() - known.ByteSize()


def _unknown(message: Message, path: str) -> Iterator[str]:
    fields = UnknownFieldSet(message)
    for index in range(len(fields)):
        yield f"{path}#{fields[index].field_number}"
    for descriptor, value in message.ListFields():
        for suffix, child in _children(descriptor, value):
            yield from _unknown(child, f"{path}{descriptor.name}{suffix}.")


def _children(descriptor: FieldDescriptor, value: object) -> Iterator[tuple[str, Message]]:
    if isinstance(value, Message):
        yield "", value
    elif descriptor.message_type is not None and not descriptor.message_type.GetOptions().map_entry:
        assert isinstance(value, Iterable)
        for index, child in enumerate(value):
            yield f"[{index}]", child
