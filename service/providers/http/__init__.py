"""HTTP to providers: `Http` asks, an `Answer` is read and closed. How a provider is reached is nobody else's concern.

    Http ──▶ Way ─┬─ direct    pool ▸ reach ▸ connection ▸ incoming: our own HTTP/1.1, on asyncio and llhttp
                  └─ proxied   httpx over aiohttp, which know what proxies do

Nothing here follows a redirect, keeps a cookie or reads the environment. The pool is unbounded; who may ask when is
decided above.
"""

from service.providers.http.answer import ERROR_BYTES, MOST_BYTES, Answer
from service.providers.http.client import Http
from service.providers.http.connecting import Connecting, trust

__all__ = ["ERROR_BYTES", "MOST_BYTES", "Answer", "Connecting", "Http", "trust"]
