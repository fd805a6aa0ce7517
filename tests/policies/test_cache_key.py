"""Which questions are the same: the request's descriptor is walked, so that a new field cannot slip by undecided."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from mainstay import v1 as pb
from service.chat.target import Target
from service.policies.cache_key import cache_key

MATTERS = {
    "model",
    "messages",
    "temperature",
    "top_p",
    "top_k",
    "max_output_tokens",
    "stop",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "response_format",
    "reasoning",
    "provider_options",
}
IS_IGNORED = {"labels", "policy", "end_user"}
POLICY_THAT_CANNOT_CHANGE_AN_ANSWER = {
    "cache",
    "allow_stale",
    "cache_max_age",
    "allow_degraded",
    "recovery",
    "max_attempts",
    "allow_hedging",
    "first_token_timeout",
    "stall_timeout",
    "attempt_timeout",
}

Path = tuple[FieldDescriptor, ...]
SCALARS: dict[int, tuple[object, object]] = {
    FieldDescriptor.TYPE_STRING: ("one", "two"),
    FieldDescriptor.TYPE_BYTES: (b"one", b"two"),
    FieldDescriptor.TYPE_BOOL: (True, False),
    FieldDescriptor.TYPE_INT32: (1, 2),
    FieldDescriptor.TYPE_INT64: (1, 2),
    FieldDescriptor.TYPE_DOUBLE: (1.0, 2.0),
}


def key(request: pb.ChatRequest) -> bytes:
    return cache_key(request, "caller", [Target("p", "m")])


def is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def values_of(field: FieldDescriptor) -> tuple[Any, Any]:
    """Two that differ, the first of them not the default."""
    if field.enum_type is not None:
        return field.enum_type.values[1].number, field.enum_type.values[2].number
    return SCALARS[field.type]


def walk(descriptor: Descriptor, above: Path = ()) -> Iterator[Path]:
    """The way to every field at every depth."""
    for field in descriptor.fields:
        assert all(field.message_type != other.message_type for other in above if field.message_type), "a cycle"
        yield (*above, field)
        if field.message_type is not None and not is_map(field):
            yield from walk(field.message_type, (*above, field))


PATHS = {".".join(field.name for field in path): path for path in walk(pb.ChatRequest.DESCRIPTOR)}
MESSAGES = {
    "": (),
    **{name: path for name, path in PATHS.items() if path[-1].message_type is not None and not is_map(path[-1])},
}


def fill(message: Message) -> None:
    """Sets every field, at every depth; of a oneof the last one."""
    for field in cast("Descriptor", message.DESCRIPTOR).fields:
        if is_map(field):
            getattr(message, field.name)["one"] = "two"
        elif field.message_type is not None:
            fill(reach(message, (field,)))
        elif field.is_repeated:
            getattr(message, field.name).append(values_of(field)[0])
        else:
            setattr(message, field.name, values_of(field)[0])


def populated() -> pb.ChatRequest:
    request = pb.ChatRequest()
    fill(request)
    return request


def reach(message: Message, path: Path) -> Message:
    """The message at the end of the path, made where it is missing; of a repeated one the first."""
    for field in path:
        child = getattr(message, field.name)
        if field.is_repeated:
            message = child[0] if child else child.add()
        else:
            child.SetInParent()
            message = child
    return message


@dataclass(frozen=True, slots=True)
class Change:
    """Something that can be done to the last field of a path."""

    name: str
    do: Callable[[Message, FieldDescriptor], None]


def changes_of(field: FieldDescriptor) -> Iterator[Change]:
    """All must make different messages of one that has the path filled."""

    def one_more_of(message: Message, field: FieldDescriptor) -> None:
        many = getattr(message, field.name)
        many.add() if field.message_type else many.append(values_of(field)[1])

    def empty(message: Message, field: FieldDescriptor) -> None:
        message.ClearField(field.name)
        reach(message, (field,))

    yield Change("cleared", lambda message, field: message.ClearField(field.name))
    if is_map(field):
        yield Change("another value", lambda message, field: getattr(message, field.name).update({"one": "three"}))
        yield Change("one more", lambda message, field: getattr(message, field.name).update({"two": "two"}))
        yield Change("empty value", lambda message, field: getattr(message, field.name).update({"one": ""}))
    elif field.is_repeated:
        yield Change("one more", one_more_of)
    elif field.message_type is None:
        first, second = values_of(field)
        yield Change("one value", lambda message, field: setattr(message, field.name, first))
        if field.has_presence or second:
            yield Change("another value", lambda message, field: setattr(message, field.name, second))
    elif field.message_type.fields:
        yield Change("emptied", empty)
    else:
        yield Change("set", lambda message, field: getattr(message, field.name).SetInParent())


def changed(path: Path, change: Change) -> pb.ChatRequest:
    request = populated()
    holder = reach(request, path[:-1])
    change.do(holder, path[-1])
    return request


@pytest.mark.parametrize("name", PATHS)
def test_each_field_at_each_depth_changes_the_key_unless_it_is_ignored(name: str) -> None:
    path = PATHS[name]
    keys = [key(changed(path, change)) for change in changes_of(path[-1])]
    assert len(keys) > 1
    if path[0].name in IS_IGNORED:
        assert {*keys, key(populated())} == {key(populated())}
    else:
        assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("name", MESSAGES)
def test_an_unknown_field_in_each_message_changes_the_key_unless_it_is_ignored(name: str) -> None:
    path = MESSAGES[name]
    requests = [populated() for _ in range(3)]
    for request, unknown in zip(requests, (b"", b"\xfa\x7f\x01a", b"\xfa\x7f\x01b"), strict=True):  # field 2047
        reach(request, path).MergeFromString(unknown)
    keys = {key(request) for request in requests}
    assert len({request.SerializeToString() for request in requests}) == 3
    assert len(keys) == (1 if path and path[0].name in IS_IGNORED else 3)


def test_every_field_has_been_decided_on() -> None:
    """Red after a new field? Say here whether it can change an answer; if it cannot, ignore it in `cache_key`."""
    assert {field.name for field in pb.ChatRequest.DESCRIPTOR.fields} == MATTERS | IS_IGNORED
    assert {field.name for field in pb.CallPolicy.DESCRIPTOR.fields} == POLICY_THAT_CANNOT_CHANGE_AN_ANSWER


def test_the_walk_goes_to_the_bottom() -> None:
    assert {
        "messages.parts.tool_result.images.data",
        "messages.parts.provider_state.issuer",
        "response_format.json_object",
        "reasoning.effort",
        "policy.stall_timeout.nanos",
        "provider_options",
    } <= PATHS.keys()


def test_the_order_of_what_is_repeated_changes_the_key_and_the_order_of_maps_does_not() -> None:
    def options(*names: str) -> dict[str, str]:
        return dict.fromkeys(names, "{}")

    assert key(pb.ChatRequest(stop=["a", "b"])) != key(pb.ChatRequest(stop=["b", "a"]))
    names = [f"provider{number}" for number in range(20)]
    assert key(pb.ChatRequest(provider_options=options(*names))) == key(
        pb.ChatRequest(provider_options=options(*reversed(names)))
    )


def test_a_request_has_the_key_of_its_copy_off_the_wire() -> None:
    assert key(pb.ChatRequest.FromString(populated().SerializeToString())) == key(populated())


def test_the_request_is_not_touched() -> None:
    request = populated()
    key(request)
    assert request == populated()


texts = st.sampled_from(["", "a", "b", "ab", "a/b", "\0", "\0\0\0\0\0\0\0\1a", "é", "\ud800"])
scopes = st.tuples(texts, st.lists(st.tuples(texts, texts), max_size=3))


@given(scopes, scopes)
def test_the_caller_and_the_targets_in_their_order_change_the_key(
    one: tuple[str, list[tuple[str, str]]], other: tuple[str, list[tuple[str, str]]]
) -> None:
    one_key, other_key = (
        cache_key(pb.ChatRequest(), caller, [Target(*target) for target in targets]) for caller, targets in (one, other)
    )
    assert (one_key == other_key) == (one == other)


def test_no_piece_runs_into_the_next() -> None:
    def scoped(caller: str, *targets: Target) -> bytes:
        return cache_key(pb.ChatRequest(model="m"), caller, targets)

    assert scoped("a", Target("bc", "d")) != scoped("ab", Target("c", "d"))
    assert scoped("a", Target("b", "cd")) != scoped("a", Target("bc", "d"))
    assert scoped("a", Target("b", "c"), Target("d", "e")) != scoped("a", Target("b", "c" + "de"))
