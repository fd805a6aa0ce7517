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
    # Tells clients apart in the server's logs.
    ("grpc.primary_user_agent", f"mainstay-python/{__version__}"),
    # The retries above; without the second line they are silently not made.
    ("grpc.service_config", json.dumps(SERVICE_CONFIG)),
    ("grpc.enable_retries", 1),
    # A request of the full 32 MiB can be repeated too; the default is 256 KiB.
    ("grpc.per_rpc_retry_buffer_size", 33 << 20),
    # As much as Mainstay takes from a provider; the default is 4 MiB.
    ("grpc.max_receive_message_length", 64 << 20),
    # Finds out in silence that the peer is gone. The server must allow it: it permits a ping every 10 s.
    ("grpc.keepalive_time_ms", 30_000),
    # Calls to a lost peer fail after 40 s in all, long before their deadline.
    ("grpc.keepalive_timeout_ms", 10_000),
    # Connections die in NATs and balancers while nobody calls, and the next call would pay for it.
    ("grpc.keepalive_permit_without_calls", 1),
    # No limit: whoever reads a stream sends no data, and the default is 2 pings.
    ("grpc.http2.max_pings_without_data", 0),
    # Soon enough for the retries above; the default is 1 s.
    ("grpc.initial_reconnect_backoff_ms", 200),
    # A server that was restarted is found again within seconds; the default is two minutes.
    ("grpc.max_reconnect_backoff_ms", 5_000),
    # Mainstay is internal: a proxy from the environment would only stand in the way.
    ("grpc.enable_http_proxy", 0),
)


def open_channel(
    target: str, credentials: grpc.ChannelCredentials | None, options: Sequence[Option] = ()
) -> grpc.aio.Channel:
    """A channel to `target`, in plain text without `credentials`; `options` override those above."""
    merged = list({**dict(OPTIONS), **dict(options)}.items())
    if credentials is None:
        return grpc.aio.insecure_channel(target, options=merged)
    return grpc.aio.secure_channel(target, credentials, options=merged)
