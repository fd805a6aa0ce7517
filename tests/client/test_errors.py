"""What the server says about a failure arrives typed; what anyone else says is told apart."""

import pickle

import grpc
import pytest
from google.protobuf.any_pb2 import Any as Packed
from google.rpc.error_details_pb2 import (  # type: ignore[import-untyped, unused-ignore]
    BadRequest,
    ErrorInfo,
    RetryInfo,
)
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped, unused-ignore]

import mainstay
from mainstay import ChatClient, MainstayError, Reason, Unavailable, Violation, from_rpc
from mainstay import v1 as pb
from tests.client.scripted import Scripted, fails


def error_of(code: grpc.StatusCode, details: bytes = b"", message: str = "") -> MainstayError:
    trailers = grpc.aio.Metadata(("grpc-status-details-bin", details))
    raised = grpc.aio.AioRpcError(code, grpc.aio.Metadata(), trailers, message, None)
    return from_rpc(raised, "somewhere:1")


WHAT_TO_DO = {
    grpc.StatusCode.INVALID_ARGUMENT: mainstay.InvalidRequest,
    grpc.StatusCode.FAILED_PRECONDITION: mainstay.InvalidRequest,
    grpc.StatusCode.NOT_FOUND: mainstay.NotFound,
    grpc.StatusCode.UNAVAILABLE: mainstay.Unavailable,
    grpc.StatusCode.DEADLINE_EXCEEDED: mainstay.DeadlineExceeded,
    grpc.StatusCode.CANCELLED: mainstay.Cancelled,
}


@pytest.mark.parametrize("code", grpc.StatusCode)
def test_every_status_has_its_class(code: grpc.StatusCode) -> None:
    error = error_of(code)
    assert type(error) is WHAT_TO_DO.get(code, MainstayError)
    assert error.code is code


async def test_all_that_the_server_says_arrives(server: Scripted, client: ChatClient) -> None:
    failure = pb.CallFailure(
        kind=pb.FAILURE_KIND_RATE_LIMITED,
        provenance=pb.Provenance(attempts=[pb.Attempt(number=1, provider="acme", model="large")]),
    )
    wait = RetryInfo()
    wait.retry_delay.FromMilliseconds(2500)
    server.script = fails(
        grpc.StatusCode.UNAVAILABLE,
        "acme asks for fewer requests",
        ErrorInfo(reason="RATE_LIMITED", domain="mainstay", metadata={"provider": "acme"}),
        wait,
        failure,
        trailers={"x-request-id": "r-1", "mainstay-trace-id": "4bf9", "grpc-retry-pushback-ms": "-1"},
    )
    with pytest.raises(Unavailable) as caught:
        await client.chat("hello")
    error = caught.value
    assert error.message == "acme asks for fewer requests"
    assert error.reason is Reason.RATE_LIMITED
    assert error.metadata == {"provider": "acme"}
    assert error.retry_after == 2.5
    assert error.call_failure == failure
    assert (error.request_id, error.trace_id) == ("r-1", "4bf9")
    assert str(error) == "acme asks for fewer requests [UNAVAILABLE, RATE_LIMITED, trace 4bf9]"


async def test_violations_name_their_fields(server: Scripted, client: ChatClient) -> None:
    wrong = BadRequest()
    wrong.field_violations.add(field="messages[0].role", description="must not be ROLE_UNSPECIFIED")
    info = ErrorInfo(reason="INVALID_REQUEST", domain="mainstay")
    server.script = fails(grpc.StatusCode.INVALID_ARGUMENT, "the request has 1 error", info, wrong)
    with pytest.raises(mainstay.InvalidRequest) as caught:
        await client.chat("hello")
    assert caught.value.violations == (Violation("messages[0].role", "must not be ROLE_UNSPECIFIED"),)


async def test_a_reason_of_a_newer_server_stays_a_string(server: Scripted, client: ChatClient) -> None:
    server.script = fails(grpc.StatusCode.INTERNAL, "odd", ErrorInfo(reason="SOMETHING_NEW", domain="mainstay"))
    with pytest.raises(MainstayError) as caught:
        await client.chat("hello")
    assert caught.value.reason == "SOMETHING_NEW"


async def test_a_reason_of_another_domain_is_not_ours(server: Scripted, client: ChatClient) -> None:
    server.script = fails(grpc.StatusCode.INTERNAL, "odd", ErrorInfo(reason="OVERLOADED", domain="proxy.example"))
    with pytest.raises(MainstayError) as caught:
        await client.chat("hello")
    assert caught.value.reason == ""
    assert server.target in caught.value.message


async def test_when_nobody_listens_the_message_says_where(client: ChatClient) -> None:
    async with ChatClient("127.0.0.1:1") as nowhere:
        with pytest.raises(Unavailable, match=r"cannot reach Mainstay at 127\.0\.0\.1:1: ") as caught:
            await nowhere.chat("hello")
    assert caught.value.reason == ""


def test_details_that_cannot_be_read_leave_code_and_message() -> None:
    error = error_of(grpc.StatusCode.INTERNAL, b"\xff\xff\xff", "broken")
    assert error.code is grpc.StatusCode.INTERNAL
    assert "broken" in error.message


def test_one_detail_that_cannot_be_read_leaves_the_others() -> None:
    broken = Packed(type_url="type.googleapis.com/mainstay.v1.CallFailure", value=b"\xff")
    good = Packed()
    good.Pack(ErrorInfo(reason="OVERLOADED", domain="mainstay"))
    error = error_of(grpc.StatusCode.UNAVAILABLE, Status(details=[broken, good]).SerializeToString(), "no")
    assert error.reason is Reason.OVERLOADED
    assert error.call_failure is None


def test_an_error_without_any_metadata_is_read_too() -> None:
    error = from_rpc(grpc.aio.AioRpcError(grpc.StatusCode.INTERNAL, None, None, None, None), "somewhere:1")  # type: ignore[arg-type, unused-ignore]
    assert "somewhere:1" in error.message


def test_an_error_survives_pickling() -> None:
    error = Unavailable("no", code=grpc.StatusCode.UNAVAILABLE, reason=Reason.OVERLOADED, retry_after=1.0)
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is Unavailable
    assert vars(copy) == vars(error)


def test_every_failure_kind_is_a_reason() -> None:
    kinds = {name.removeprefix("FAILURE_KIND_") for name in pb.FailureKind.DESCRIPTOR.values_by_name} - {"UNSPECIFIED"}
    assert kinds <= set(Reason)
    assert set(Reason) - kinds == {"LIMIT_EXCEEDED", "NOT_SERVING", "DRAINING", "INTERNAL"}
