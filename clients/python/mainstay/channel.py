"""The gRPC channel: each option that differs from gRPC's default, and why."""

import json
from collections.abc import Sequence

import grpc.aio

from mainstay import __version__

Option = tuple[str, str | int]

SERVICE_CONFIG = {
    "methodConfig": [
        {
            "name": [{"service": "mainstay.v1.ChatService"}],
            "retryPolicy": {
                "maxAttempts": 3,  # outlives the restart of one replica; more only adds load to an outage
                "initialBackoff": "0.2s",
                "maxBackoff": "2s",
                "backoffMultiplier": 2,
                # Nothing else is certain to leave no half-done work behind. The server forbids even this one,
                # with `grpc-retry-pushback-ms: -1`, when it has spent its own attempts.
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ]
}

OPTIONS: Sequence[Option] = (
    ("grpc.primary_user_agent", f"mainstay-python/{__version__}"),  # tells clients apart in the server's logs
    ("grpc.service_config", json.dumps(SERVICE_CONFIG)),
    ("grpc.enable_retries", 1),  # without it the service config's retries are silently not made
    (
        "grpc.per_rpc_retry_buffer_size",
        33 << 20,
    ),  # a request of the full 32 MiB stays retryable; default 256 KiB
    ("grpc.max_receive_message_length", 64 << 20),  # as much as Mainstay takes from a provider; default 4 MiB
    (
        "grpc.keepalive_time_ms",
        30_000,
    ),  # finds a dead connection in silence; the server allows one ping in 10 s
    (
        "grpc.keepalive_timeout_ms",
        10_000,
    ),  # a lost peer fails its calls after 40 s, long before their deadline
    (
        "grpc.keepalive_permit_without_calls",
        1,
    ),  # idle connections die in NATs and balancers, unnoticed otherwise
    (
        "grpc.http2.max_pings_without_data",
        0,
    ),  # no limit: who reads a stream sends no data, and 2 are the default
    ("grpc.initial_reconnect_backoff_ms", 200),  # the retries above are over before the default 1 s is
    ("grpc.max_reconnect_backoff_ms", 5_000),  # finds a restarted server within seconds; default two minutes
    (
        "grpc.enable_http_proxy",
        0,
    ),  # Mainstay is internal: a proxy from the environment would only be in the way
)


def open_channel(
    target: str, credentials: grpc.ChannelCredentials | None, options: Sequence[Option] = ()
) -> grpc.aio.Channel:
    """A channel to `target`, in plain text without `credentials`; `options` override those above."""
    merged = list({**dict(OPTIONS), **dict(options)}.items())
    if credentials is None:
        return grpc.aio.insecure_channel(target, options=merged)
    return grpc.aio.secure_channel(target, credentials, options=merged)
