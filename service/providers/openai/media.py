"""Writes pictures and documents in the protocol's words."""

from base64 import b64encode
from typing import assert_never

from mainstay import v1 as pb
from service.providers.openai.dialect import ImageIds
from service.providers.openai.listener import Listener
from service.providers.refusals import invalid, unsupported
from service.providers.values import Json


def image_of(media: pb.Media, path: str, listener: Listener) -> Json:
    """A picture as a content part. Raises Failure for one that cannot be sent."""
    if not listener.dialect.images:
        raise unsupported(path, "this model reads no pictures")
    if media.filename:
        listener.drops(f"{path}.filename", "a picture has no name in this protocol")
    if media.WhichOneof("source") == "provider_file_id" and listener.dialect.image_ids is ImageIds.FILE:
        return _file({"file_id": media.provider_file_id})
    picture: Json = {"url": _picture_address(media, path, listener)}
    if media.detail:
        picture["detail"] = media.detail
    return {"type": "image_url", "image_url": picture}


def file_of(media: pb.Media, path: str, listener: Listener) -> Json:
    """A document as a content part. Raises Failure for one that cannot be sent."""
    if not listener.dialect.files:
        raise unsupported(path, "this model reads no documents")
    if media.detail:
        listener.drops(f"{path}.detail", "a document has none in this protocol")
    file = _document(media, path, listener)
    if media.filename:
        file["filename"] = media.filename
    return _file(file)


def _picture_address(media: pb.Media, path: str, listener: Listener) -> str:
    match source := media.WhichOneof("source"):
        case "data":
            return _data_url(media, path)
        case "url":
            if not listener.dialect.image_urls and not media.url.startswith("data:"):
                raise unsupported(f"{path}.url", "this provider takes pictures as bytes only")
            return media.url
        case "provider_file_id":
            if listener.dialect.image_ids is not ImageIds.URL:
                raise unsupported(f"{path}.provider_file_id", "this provider keeps no pictures")
            return media.provider_file_id
        case None:
            raise invalid(path, "has no source")
        case _:
            assert_never(source)


def _document(media: pb.Media, path: str, listener: Listener) -> Json:
    match source := media.WhichOneof("source"):
        case "data":
            return {"file_data": _data_url(media, path)}
        case "url":
            if not listener.dialect.file_urls and not media.url.startswith("data:"):
                raise unsupported(f"{path}.url", "this provider does not fetch documents")
            return {"file_data": media.url}
        case "provider_file_id":
            return {"file_id": media.provider_file_id}
        case None:
            raise invalid(path, "has no source")
        case _:
            assert_never(source)


def _file(file: Json) -> Json:
    return {"type": "file", "file": file}


def _data_url(media: pb.Media, path: str) -> str:
    if not media.media_type:
        raise invalid(f"{path}.media_type", "is required beside data")
    return f"data:{media.media_type};base64,{b64encode(media.data).decode()}"
