"""Writes pictures and documents in the protocol's words."""

from base64 import b64encode
from typing import Literal, assert_never

from mainstay import v1 as pb
from service.providers.gemini.listener import Listener
from service.providers.refusals import invalid, unsupported
from service.providers.values import Json


def media_of(media: pb.Media, kind: Literal["image", "file"], path: str, listener: Listener) -> Json:
    """A picture or a document as a part. Raises Failure for one that cannot be sent."""
    if not (listener.dialect.images if kind == "image" else listener.dialect.files):
        raise unsupported(path, f"this model reads no {'pictures' if kind == 'image' else 'documents'}")
    for name, value in (("filename", media.filename), ("detail", media.detail)):
        if value:
            listener.drops(f"{path}.{name}", "this protocol has no place for it")
    match source := media.WhichOneof("source"):
        case "data":
            return _inline(media, path)
        case "url":
            if not listener.dialect.urls:
                raise unsupported(f"{path}.url", "this model takes bytes only")
            return _file(media.url, media.media_type)
        case "provider_file_id":
            return _file(media.provider_file_id, media.media_type)
        case None:
            raise invalid(path, "has no source")
        case _:
            assert_never(source)


def _inline(media: pb.Media, path: str) -> Json:
    if not media.media_type:
        raise invalid(f"{path}.media_type", "is required beside data")
    return {"inlineData": {"mimeType": media.media_type, "data": b64encode(media.data).decode()}}


def _file(uri: str, media_type: str) -> Json:
    return {"fileData": {"fileUri": uri} | ({"mimeType": media_type} if media_type else {})}
