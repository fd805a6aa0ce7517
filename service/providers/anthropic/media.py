"""Writes pictures and documents in the protocol's words."""

from base64 import b64decode, b64encode
from typing import assert_never
from urllib.parse import unquote_to_bytes

from mainstay import v1 as pb
from service.providers.anthropic.listener import Listener
from service.providers.refusals import invalid, unsupported
from service.providers.values import Json

_PDF = "application/pdf"
_PLAIN = "text/plain"


def image_of(media: pb.Media, path: str, listener: Listener) -> Json:
    """A picture as a block. Raises Failure for one that cannot be sent."""
    if not listener.dialect.images:
        raise unsupported(path, "this model reads no pictures")
    if media.filename:
        listener.drops(f"{path}.filename", "a picture has no name in this protocol")
    _drop_detail(media, path, listener)
    return {"type": "image", "source": _source(media, path, listener) or _bytes(*_inline(media, path))}


def file_of(media: pb.Media, path: str, listener: Listener) -> Json:
    """A document as a block. Raises Failure for one that cannot be sent."""
    if not listener.dialect.files:
        raise unsupported(path, "this model reads no documents")
    _drop_detail(media, path, listener)
    block: Json = {"type": "document", "source": _source(media, path, listener) or _document(media, path, listener)}
    if media.filename:
        block["title"] = media.filename
    return block


def _source(media: pb.Media, path: str, listener: Listener) -> Json | None:
    """Where it is, or None if its bytes are here."""
    match source := media.WhichOneof("source"):
        case "data":
            return None
        case "url":
            if media.url.startswith("data:"):
                return None
            if not listener.dialect.image_urls:
                raise unsupported(f"{path}.url", "this provider takes bytes only")
            return {"type": "url", "url": media.url}
        case "provider_file_id":
            if not listener.dialect.file_ids:
                raise unsupported(f"{path}.provider_file_id", "this provider keeps no files")
            return {"type": "file", "file_id": media.provider_file_id}
        case None:
            raise invalid(path, "has no source")
        case _:
            assert_never(source)


def _document(media: pb.Media, path: str, listener: Listener) -> Json:
    """Of bytes, only a PDF and text are read."""
    media_type, data = _inline(media, path)
    if media_type == _PDF:
        return _bytes(media_type, data)
    if not media_type.startswith("text/"):
        raise unsupported(f"{path}.media_type", f"of documents, this protocol takes {_PDF} and texts")
    if media_type != _PLAIN:
        listener.clamps(f"{path}.media_type", _PLAIN)
    return {"type": "text", "media_type": _PLAIN, "data": data.decode(errors="replace")}


def _bytes(media_type: str, data: bytes) -> Json:
    return {"type": "base64", "media_type": media_type, "data": b64encode(data).decode()}


def _inline(media: pb.Media, path: str) -> tuple[str, bytes]:
    """The type and the bytes themselves."""
    if media.WhichOneof("source") == "url":
        return _data_url(media.url, f"{path}.url")
    if not media.media_type:
        raise invalid(f"{path}.media_type", "is required beside data")
    return media.media_type, media.data


def _data_url(url: str, path: str) -> tuple[str, bytes]:
    head, comma, data = url.removeprefix("data:").partition(",")
    media_type, *parameters = head.split(";")
    if not comma:
        raise invalid(path, "is no data URL")
    if "base64" not in parameters:
        return media_type or _PLAIN, unquote_to_bytes(data)
    try:
        return media_type or _PLAIN, b64decode(data, validate=True)
    except ValueError as cause:
        raise invalid(path, "is not base64") from cause


def _drop_detail(media: pb.Media, path: str, listener: Listener) -> None:
    if media.detail:
        listener.drops(f"{path}.detail", "there is no such word in this protocol")
