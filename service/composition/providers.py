"""Providers that can be asked, as the configuration says: addresses, credentials, connections."""

import ssl
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from urllib.parse import urlencode

from opentelemetry.trace import Tracer

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.reply import Handler
from service.composition.credentials import Identities, rings_of
from service.composition.resolve import (
    headers_of,
    row_of,
    same_as,
    written_capabilities,
)
from service.composition.retirement import last_day_of, notice
from service.composition.simulated import SIMULATOR
from service.config import ProviderSettings, Settings, credentials_of
from service.policies.keys import KeyRing
from service.providers.auth import Nowhere, Told
from service.providers.http import Connecting, Http, trust
from service.providers.provider import NO_SPANS, Address, Provider
from service.providers.streamed import Heard


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What providers are given of the world around them."""

    inject: Callable[[Call], Mapping[str, str]] = lambda call: {}
    """Gives the headers by which a provider can join the call's trace."""
    heard: Heard | None = None
    """Is told of each read of a stream."""
    tracer: Tracer = NO_SPANS
    credentials: Told = field(default_factory=Nowhere)
    """Is told what becomes of keys and tokens."""


async def providers(
    settings: Settings, opened: AsyncExitStack, around: Around, rings: Mapping[str, KeyRing] | None = None
) -> Mapping[str, Handler]:
    """Those that can be asked, each with connections of its own, open as long as `opened`.

    `rings` are those that keys are chosen from; None: nobody else does.
    """
    tls, identities = trust(), Identities(around.credentials, rings or rings_of(settings))
    return {
        name: await _provider(name, provider, await _http(provider, tls, opened), identities, around)
        for name, provider in settings.providers.items()
        if settings.why_unusable(name) is None
    }


async def _http(settings: ProviderSettings, tls: ssl.SSLContext, opened: AsyncExitStack) -> Http:
    if settings.ca_file is not None:
        tls = trust(settings.ca_file)
    return await opened.enter_async_context(Http(Connecting(tls, settings.proxy)))


async def _provider(
    name: str, settings: ProviderSettings, http: Http, identities: Identities, around: Around
) -> Handler:
    address = Address(
        base_url=settings.base_url,
        headers=headers_of(name, settings),
        secrets=tuple(credentials_of(settings)),
        query=urlencode(settings.query),
        source=pb.SOURCE_SIMULATOR if name == SIMULATOR else pb.SOURCE_MODEL,
        remark=_remark(last_day_of(name, settings)),
    )
    wire = row_of(name, settings).wire(name, same_as(settings), written_capabilities(settings))
    return Provider(
        address, wire, http, around.inject, around.tracer, around.heard, identities.of(name, settings, http)
    )


def _remark(last_day_of: Callable[[str], date | None]) -> Callable[[str], str]:
    def remark(model: str) -> str:
        last_day = last_day_of(model)
        return notice(model, last_day, datetime.now(UTC).date()) if last_day is not None else ""

    return remark
