"""Pictures and documents as they go out."""

from typing import Any

import pytest

from mainstay import v1 as pb
from service.providers.openai.dialect import ImageIds
from tests.providers.openai.encoding import (
    DOWNGRADED,
    DROPPED,
    called,
    changes,
    message,
    refusal,
    request,
    result,
    said,
)

ADDRESS = pb.Media(url="https://example.com/a.png", detail="low")
BYTES = pb.Media(data=b"\x00\x01", media_type="image/png")
INLINE = pb.Media(url="data:image/png;base64,AAE=")
UPLOADED = pb.Media(provider_file_id="file-1")
PAPER = pb.Media(data=b"%PDF", media_type="application/pdf", filename="a.pdf")


def showing(*media: pb.Media, text: str = "look") -> pb.ChatRequest:
    return request(message(pb.ROLE_USER, pb.Part(text=text), *(pb.Part(image=one) for one in media)))


def reading(*media: pb.Media) -> pb.ChatRequest:
    return request(message(pb.ROLE_USER, *(pb.Part(file=one) for one in media)))


def pieces(asked: pb.ChatRequest, **knobs: Any) -> Any:
    return said(asked, **knobs)["messages"][0]["content"]


def test_a_picture_is_an_address_or_its_bytes_and_keeps_its_place() -> None:
    assert pieces(showing(ADDRESS, BYTES)) == [
        {"type": "text", "text": "look"},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAE="}},
    ]
    assert changes(showing(ADDRESS, BYTES)) == []


def test_a_picture_that_was_uploaded_is_named_as_the_dialect_has_it() -> None:
    as_file, as_url = (pieces(showing(UPLOADED), image_ids=ids)[1] for ids in (ImageIds.FILE, ImageIds.URL))
    assert as_file == {"type": "file", "file": {"file_id": "file-1"}}
    assert as_url == {"type": "image_url", "image_url": {"url": "file-1"}}


def test_a_document_is_its_bytes_or_its_id() -> None:
    assert pieces(reading(PAPER, UPLOADED)) == [
        {"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERg==", "filename": "a.pdf"}},
        {"type": "file", "file": {"file_id": "file-1"}},
    ]
    assert pieces(reading(ADDRESS), file_urls=True) == [{"type": "file", "file": {"file_data": ADDRESS.url}}]


def test_what_a_medium_cannot_say_is_reported() -> None:
    assert changes(showing(pb.Media(url="x", filename="a"))) == [("messages[0].parts[1].image.filename", DROPPED)]
    assert changes(reading(pb.Media(provider_file_id="x", detail="low"))) == [
        ("messages[0].parts[0].file.detail", DROPPED)
    ]


@pytest.mark.parametrize(
    ("asked", "knobs", "path"),
    [
        (showing(ADDRESS), {"images": False}, "parts[1].image"),
        (showing(ADDRESS), {"image_urls": False}, "parts[1].image.url"),
        (showing(UPLOADED), {}, "parts[1].image.provider_file_id"),
        (showing(BYTES), {"flatten_text": True}, "parts[1].image"),
        (reading(ADDRESS), {}, "parts[0].file.url"),
        (reading(PAPER), {"files": False}, "parts[0].file"),
        (reading(PAPER), {"flatten_text": True}, "parts[0].file"),
    ],
)
def test_a_medium_that_cannot_be_sent_is_refused_by_its_path(
    asked: pb.ChatRequest, knobs: dict[str, Any], path: str
) -> None:
    refused = refusal(asked, **knobs)
    assert refused.kind == pb.FAILURE_KIND_UNSUPPORTED
    assert refused.detail.startswith(f"messages[0].{path}: ")


def test_bytes_inside_an_address_are_bytes() -> None:
    assert pieces(showing(INLINE), image_urls=False) == pieces(showing(INLINE))
    assert pieces(reading(INLINE)) == [{"type": "file", "file": {"file_data": INLINE.url}}]


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        (showing(pb.Media()), "messages[0].parts[1].image"),
        (showing(pb.Media(data=b"1")), "messages[0].parts[1].image.media_type"),
        (reading(pb.Media()), "messages[0].parts[0].file"),
        (reading(pb.Media(data=b"1")), "messages[0].parts[0].file.media_type"),
        (request(message(pb.ROLE_SYSTEM, pb.Part(image=ADDRESS))), "messages[0].parts[0].image"),
        (request(message(pb.ROLE_ASSISTANT, pb.Part(file=PAPER))), "messages[0].parts[0].file"),
    ],
)
def test_a_medium_that_makes_no_sense_is_refused_by_its_path(asked: pb.ChatRequest, path: str) -> None:
    refused = refusal(asked)
    assert refused.kind == pb.FAILURE_KIND_INVALID_REQUEST
    assert refused.detail.startswith(f"{path}: ")


CALLS = message(pb.ROLE_ASSISTANT, called("a"), called("b"), called("c"))


def shown(id: str, *images: pb.Media) -> pb.Part:
    return result(id, f"of {id}", images=images)


def test_pictures_of_results_follow_when_all_results_of_the_turn_are_told() -> None:
    asked = request(
        CALLS,
        message(pb.ROLE_TOOL, shown("a", BYTES), shown("b")),
        message(pb.ROLE_TOOL, shown("c", BYTES)),
        message(pb.ROLE_USER, pb.Part(text="so?")),
    )
    told = said(asked)["messages"]
    assert [one["role"] for one in told] == ["assistant", "tool", "tool", "tool", "user", "user"]
    assert [piece["type"] for piece in told[4]["content"]] == ["text", "image_url", "text", "image_url"]
    assert [piece["text"][-2:] for piece in told[4]["content"][::2]] == ["a:", "c:"]
    assert changes(asked) == [("messages[1].parts[0].tool_result.images", DOWNGRADED)]


def test_pictures_of_the_last_result_follow_too() -> None:
    asked = request(message(pb.ROLE_ASSISTANT, called()), message(pb.ROLE_TOOL, shown("a", BYTES)))
    assert [one["role"] for one in said(asked)["messages"]] == ["assistant", "tool", "user"]


def test_pictures_stay_in_a_result_where_they_may() -> None:
    asked = request(message(pb.ROLE_ASSISTANT, called()), message(pb.ROLE_TOOL, shown("a", BYTES)))
    _, told = said(asked, tool_images=True)["messages"]
    assert told["content"] == [
        {"type": "text", "text": "of a"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAE="}},
    ]
    assert changes(asked, tool_images=True) == []


@pytest.mark.parametrize(
    "knobs", [{"flatten_text": True}, {"images": False}, {"flatten_text": True, "tool_images": True}]
)
def test_pictures_of_results_are_refused_where_there_are_none(knobs: dict[str, Any]) -> None:
    asked = request(message(pb.ROLE_ASSISTANT, called()), message(pb.ROLE_TOOL, shown("a", BYTES)))
    refused = refusal(asked, **knobs)
    assert refused.kind == pb.FAILURE_KIND_UNSUPPORTED
    assert "parts[0].tool_result.images" in refused.detail
