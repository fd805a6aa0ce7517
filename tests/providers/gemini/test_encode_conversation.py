"""The conversation: system, roles, what the model said, pictures and documents."""

import orjson
import pytest

from mainstay import v1 as pb
from tests.providers.gemini.chunks import call, candidate, text, thought
from tests.providers.gemini.encoding import (
    DOWNGRADED,
    DROPPED,
    called,
    changes,
    contents,
    message,
    model,
    refusal,
    request,
    result,
    said,
    system,
    user,
)
from tests.providers.gemini.folding import WIRE, fold

PNG = pb.Media(data=b"png", media_type="image/png")


def test_standing_instructions_stand_apart_and_later_ones_are_said_by_the_user() -> None:
    asked = request(system("a", "b"), system("c"), user("d"), system("e"), user("f"))
    body = said(asked)
    assert body["systemInstruction"] == {"parts": [{"text": "a"}, {"text": "b"}, {"text": "c"}]}
    assert body["contents"] == [{"role": "user", "parts": [{"text": "d"}, {"text": "e"}, {"text": "f"}]}]
    assert changes(asked) == [("messages[3]", DOWNGRADED)]


def test_messages_of_one_role_are_one_turn() -> None:
    assert contents(user("a"), user("b"), model("c"), model("d"), user("e")) == [
        ("user", [{"text": "a"}, {"text": "b"}]),
        ("model", [{"text": "c"}, {"text": "d"}]),
        ("user", [{"text": "e"}]),
    ]


def test_the_user_begins_even_if_nobody_said_anything() -> None:
    for messages in ([system("a")], [user("")], [system("a"), user("", "")]):
        assert contents(*messages) == [("user", [{"text": "."}])]
        assert ("messages", DOWNGRADED) in changes(request(*messages))
    assert contents(model("a"), user("b"))[0] == ("user", [{"text": "."}])


def test_the_model_does_not_go_on_with_a_turn_of_its_own() -> None:
    assert refusal(request(user("a"), model("b"))).startswith("UNSUPPORTED: messages[1]")
    assert contents(user("a"), model("")) == [("user", [{"text": "a"}])]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        (pb.Message(parts=[pb.Part(text="x")]), "messages[0].role"),
        (message(pb.ROLE_USER, pb.Part()), "messages[0].parts[0]"),
        (message(pb.ROLE_USER, called("a")), "messages[0].parts[0].tool_call"),
        (message(pb.ROLE_TOOL, "x"), "messages[0].parts[0].text"),
        (message(pb.ROLE_ASSISTANT, pb.Part(image=PNG)), "messages[0].parts[0].image"),
        (message(pb.ROLE_USER, pb.Part(image=pb.Media())), "messages[0].parts[0].image"),
        (message(pb.ROLE_USER, pb.Part(image=pb.Media(data=b"x"))), "messages[0].parts[0].image.media_type"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_path(given: pb.Message, path: str) -> None:
    assert refusal(request(given)).startswith(f"INVALID_REQUEST: {path}: ")


def test_pictures_and_documents_are_sent_or_pointed_at() -> None:
    parts = [
        pb.Part(image=PNG),
        pb.Part(file=pb.Media(url="https://x/y.pdf", media_type="application/pdf")),
        pb.Part(image=pb.Media(url="https://x/y.png")),
        pb.Part(file=pb.Media(provider_file_id="https://files/1", media_type="text/plain")),
    ]
    assert contents(user(*parts)) == [
        (
            "user",
            [
                {"inlineData": {"mimeType": "image/png", "data": "cG5n"}},
                {"fileData": {"fileUri": "https://x/y.pdf", "mimeType": "application/pdf"}},
                {"fileData": {"fileUri": "https://x/y.png"}},
                {"fileData": {"fileUri": "https://files/1", "mimeType": "text/plain"}},
            ],
        )
    ]


def test_what_a_model_cannot_look_at_is_refused() -> None:
    shown = request(user(pb.Part(image=PNG)))
    assert refusal(shown, images=False).startswith("UNSUPPORTED: messages[0].parts[0].image:")
    read = request(user(pb.Part(file=PNG)))
    assert refusal(read, files=False).startswith("UNSUPPORTED: messages[0].parts[0].file:")
    linked = request(user(pb.Part(image=pb.Media(url="https://x"))))
    assert refusal(linked, urls=False).startswith("UNSUPPORTED: messages[0].parts[0].image.url:")


def test_names_and_details_of_pictures_have_no_place() -> None:
    asked = request(user(pb.Part(image=pb.Media(data=b"x", media_type="image/png", filename="f", detail="low"))))
    path = "messages[0].parts[0].image"
    assert changes(asked) == [(f"{path}.filename", DROPPED), (f"{path}.detail", DROPPED)]


def answered(*parts: object) -> pb.Message:
    """What the vendor said, as a client folds it."""
    response = fold(WIRE.decode(orjson.dumps(candidate(*parts, finish="STOP"))))
    return response.message


@pytest.mark.parametrize(
    "parts",
    [
        [text("A", thoughtSignature="s")],
        [thought("t", thoughtSignature="s"), text("A")],
        [call("f", {"a": [1]}, "id-1", thoughtSignature="s"), call("g", {}, "id-2")],
        [
            {"executableCode": {"code": "1"}, "thoughtSignature": "s"},
            {"codeExecutionResult": {"output": "1"}},
            text("A"),
        ],
        [text("", thoughtSignature="s"), text("A")],
        [text("A", thoughtSignature="s"), text("B", thoughtSignature="t")],
        [text("A"), text("", thought=True, thoughtSignature="s"), {"inlineData": {"mimeType": "a/b", "data": "eA=="}}],
    ],
)
def test_what_the_model_said_goes_back_as_it_was_signed(parts: list[object]) -> None:
    _, spoken, _ = contents(user("a"), answered(*parts), user("b"))
    assert spoken == ("model", parts)


def test_thoughts_that_nobody_signed_stay_here() -> None:
    spoken = answered(thought("t"), text("A"))
    assert contents(user("a"), spoken, user("b"))[1] == ("model", [{"text": "A"}])
    assert changes(request(user("a"), spoken, user("b"))) == []


def test_what_another_provider_signed_is_not_even_looked_at() -> None:
    state = pb.ProviderState(issuer="other", data=b"{")
    spoken = model(
        pb.Part(reasoning=pb.Reasoning(text="t"), provider_state=state),
        pb.Part(text="A", provider_state=state),
        pb.Part(provider_block=pb.ProviderBlock(issuer="other", json="{")),
    )
    asked = request(user("a"), spoken, user("b"))
    assert contents(user("a"), spoken, user("b"))[1] == ("model", [{"text": "A"}])
    assert changes(asked) == [("messages[1].parts[2].provider_block", DROPPED)]


def test_a_turn_of_which_nothing_is_left_is_left_out() -> None:
    block = pb.Part(provider_block=pb.ProviderBlock(issuer="other", json="{}"))
    assert contents(user("a"), model(block), user("b")) == [("user", [{"text": "a"}, {"text": "b"}])]


def test_a_state_that_is_no_object_is_refused() -> None:
    state = pb.ProviderState(issuer="vendor", data=b"[]")
    asked = request(user("a"), model(pb.Part(text="A", provider_state=state)), user("b"))
    assert refusal(asked).startswith("INVALID_REQUEST: messages[1].parts[0].provider_state")


def test_a_loop_of_tools_goes_round() -> None:
    assert contents(user("a"), model("B", called("1", arguments='{"x": 1}')), result("1", '{"y": 2}')) == [
        ("user", [{"text": "a"}]),
        ("model", [{"text": "B"}, {"functionCall": {"name": "f", "args": {"x": 1}}, "thoughtSignature": PLACEHOLDER}]),
        ("user", [{"functionResponse": {"name": "f", "response": {"y": 2}}}]),
    ]


PLACEHOLDER = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="
