"""A provider that looks at who asks: keys that are refused or limited, and tokens from a token server of its own."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

ANSWER = {"choices": [{"message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}]}
STREAM = (
    b'data: {"choices":[{"delta":{"content":"hi"}}]}\n\n'
    b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
)


@dataclass(slots=True)
class Gatekeeper:
    """What it does, and what it saw. Whatever it refuses it repeats, as some do."""

    refuses: dict[str, int] = field(default_factory=dict)
    """The status that a key or token is refused with."""
    retry_after: str = "1"
    """What is said with a 429."""
    tokens: deque[str] = field(default_factory=deque)
    """To be granted, in order."""
    life: float = 3600.0
    token_status: int = 200
    token_seconds: float = 0.0
    """How long the token server takes."""
    open: asyncio.Event = field(default_factory=asyncio.Event)
    """Set: it lets chats through at once; else they wait for it."""
    came: list[str] = field(default_factory=list)
    """What each chat identified by."""
    urls: list[str] = field(default_factory=list)
    granted: list[str] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    """The fields of each request for a token."""

    async def chat(self, request: web.Request) -> web.Response:
        who = request.headers.get("authorization", request.headers.get("api-key", "")).removeprefix("Bearer ")
        self.came.append(who)
        self.urls.append(str(request.rel_url))
        body = await request.json()
        await self.open.wait()
        if status := self.refuses.get(who, 0 if who in self.granted or not self.tokens else 401):
            said = {"error": {"message": f"not with {who}", "code": who}}
            return web.json_response(
                said, status=status, headers={"retry-after": self.retry_after, "x-request-id": who}
            )
        if body.get("stream"):
            return web.Response(body=STREAM, content_type="text/event-stream")
        return web.json_response(ANSWER)

    async def token(self, request: web.Request) -> web.Response:
        said = await request.json() if request.content_type == "application/json" else await request.post()
        self.asked.append({name: str(value) for name, value in {**request.query, **said}.items()})
        await asyncio.sleep(self.token_seconds)
        if self.token_status != 200:
            return web.json_response({"error": "invalid_client", "echo": dict(said)}, status=self.token_status)
        token = self.tokens.popleft()
        self.granted.append(token)
        return web.json_response({"access_token": token, "expires_in": self.life})


@asynccontextmanager
async def gatekeeping(gatekeeper: Gatekeeper) -> AsyncIterator[str]:
    """It listens as long as this lasts; gives its origin, which serves /v1 and /oauth/token."""
    gatekeeper.open.set()
    app = web.Application()
    app.router.add_post("/v1/{way:.*}", gatekeeper.chat)
    app.router.add_post("/oauth/token", gatekeeper.token)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        gatekeeper.open.set()
        await runner.cleanup()
