"""Where each protocol is spoken, who is let in, and in whose words a stranger is told that there is nothing."""

from dataclasses import replace

import httpx
import pytest

from service.simulator.options import _EPILOG
from service.simulator.paths import PATHS
from service.simulator.serve import running
from tests.simulator.conftest import AT_ONCE
from tests.simulator.raw import body_of
from tests.simulator.tongues import ANTHROPIC, GEMINI

pytestmark = pytest.mark.anyio
MESSAGES = ANTHROPIC.body("chat+tokens(2)", "hello", False)
CONTENTS = GEMINI.body("", "hello", False)
ON_VERTEX = {key: value for key, value in MESSAGES.items() if key != "model"} | {
    "anthropic_version": "vertex-2023-10-16"
}
PUBLISHERS = "/v1/projects/p/locations/global/publishers"
VERSION = {"anthropic-version": "2023-06-01"}
NAME = "mine%2Btokens%282%29"
STREAM = b"event: message_start"


@pytest.mark.parametrize(
    ("path", "body", "start"),
    [
        ("/v1/messages", MESSAGES, b'{"id":"msg_'),
        ("/v1/messages?beta=true", MESSAGES, b'{"id":"msg_'),
        ("/anthropic/v1/messages", MESSAGES, b'{"id":"msg_'),
        ("/api/anthropic/v1/messages", MESSAGES, b'{"id":"msg_'),
        (f"{PUBLISHERS}/anthropic/models/claude@2:rawPredict", ON_VERTEX, b'{"id":"msg_'),
        (f"{PUBLISHERS}/anthropic/models/claude@2:streamRawPredict", ON_VERTEX, STREAM),
        (f"/v1beta/models/{NAME}:generateContent", CONTENTS, b"{"),
        (f"/v1/models/{NAME}:generateContent", CONTENTS, b"{"),
        (f"/v1beta/tunedModels/{NAME}:streamGenerateContent?alt=sse", CONTENTS, b"data: {"),
        (f"{PUBLISHERS}/google/models/{NAME}:streamGenerateContent", CONTENTS, b"[{"),
        ("/v1/publishers/google/models/chat:streamGenerateContent?%24alt=sse", CONTENTS, b"data: {"),
    ],
)
async def test_a_protocol_is_spoken_there(
    http: httpx.AsyncClient, path: str, body: dict[str, object], start: bytes
) -> None:
    answer = await http.post(path, json=body, headers=VERSION)
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(start)


async def test_a_name_in_an_address_is_decoded_with_its_faults(http: httpx.AsyncClient) -> None:
    name = "a%2Fb:1%2Bstatus%28418%2Cmessage%3Dtwo words%29"
    answer = await http.post(f"/v1beta/models/{name}:generateContent", json=CONTENTS)
    assert (answer.status_code, answer.json()["error"]["message"]) == (418, "two words")
    [entry] = (await http.get("/control/requests")).json()["requests"]
    assert entry["model"] == "a/b:1+status(418,message=two words)"


async def test_on_vertex_the_address_names_the_model_and_the_body_the_version(http: httpx.AsyncClient) -> None:
    path = f"{PUBLISHERS}/anthropic/models/mine%2Bstatus(503):rawPredict"
    assert (await http.post(path, json=ON_VERTEX)).status_code == 503
    for body in (MESSAGES, ON_VERTEX | {"model": "mine"}):
        assert (await http.post(path, json=body, headers=VERSION)).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "kind"),
    [
        ("GET", "/v1/messages", {}, 405, ("type", "invalid_request_error")),
        ("GET", "/v1/nothing", VERSION, 404, ("type", "not_found_error")),
        ("POST", "/v1beta/models/chat:countTokens", {}, 404, ("status", "NOT_FOUND")),
        ("GET", "/v1/nothing", {"x-goog-api-key": "k"}, 404, ("status", "NOT_FOUND")),
        ("GET", "/v1/nothing", {}, 404, ("type", "invalid_request_error")),
    ],
)
async def test_an_unknown_path_is_refused_in_the_words_of_its_protocol(
    http: httpx.AsyncClient, method: str, path: str, headers: dict[str, str], status: int, kind: tuple[str, str]
) -> None:
    answer = await http.request(method, path, headers=headers)
    assert answer.status_code == status
    assert answer.json()["error"][kind[0]] == kind[1]


@pytest.mark.parametrize(
    ("path", "headers", "listed", "word"),
    [
        ("/v1/models", {}, "data", ("object", "model")),
        ("/v1/models", VERSION, "data", ("type", "model")),
        ("/v1beta/models", {}, "models", ("name", "models/chat")),
    ],
)
async def test_each_protocol_lists_its_models(
    http: httpx.AsyncClient, path: str, headers: dict[str, str], listed: str, word: tuple[str, str]
) -> None:
    [model] = (await http.get(path, headers=headers)).json()[listed]
    assert model[word[0]] == word[1]


RIGHT, WRONG = "right", "wrong"
GENERATE = "/v1beta/models/chat:generateContent"
VERTEX = f"{PUBLISHERS}/google/models/chat:generateContent"


@pytest.mark.parametrize(
    ("path", "headers", "status", "said"),
    [
        ("/v1/chat/completions", {"api-key": RIGHT}, 200, ""),
        ("/v1/messages", {"x-api-key": RIGHT}, 200, ""),
        ("/v1/messages", {"authorization": f"Bearer {RIGHT}"}, 200, ""),
        ("/v1/messages", {"x-api-key": WRONG}, 401, "authentication_error"),
        ("/v1/messages", {}, 401, "authentication_error"),
        (GENERATE, {"x-goog-api-key": RIGHT}, 200, ""),
        (f"{GENERATE}?key={RIGHT}", {}, 200, ""),
        (GENERATE, {"x-goog-api-key": WRONG}, 400, "API_KEY_INVALID"),
        (GENERATE, {}, 403, "PERMISSION_DENIED"),
        (VERTEX, {"authorization": f"Bearer {RIGHT}"}, 200, ""),
        (VERTEX, {"x-goog-api-key": RIGHT}, 401, "UNAUTHENTICATED"),
    ],
)
async def test_a_demanded_key_must_be_right(path: str, headers: dict[str, str], status: int, said: str) -> None:
    body = CONTENTS if ":" in path else MESSAGES if "messages" in path else body_of("chat")
    async with (
        running(replace(AT_ONCE, api_key=RIGHT)) as url,
        httpx.AsyncClient(base_url=url.removesuffix("/v1"), trust_env=False) as http,
    ):
        answer = await http.post(path, json=body, headers=VERSION | headers)
        log = (await http.get("/control/requests")).text
    assert answer.status_code == status
    assert said in answer.text
    assert RIGHT not in log
    assert WRONG not in log


def test_the_help_says_every_path() -> None:
    assert all(path.shown in _EPILOG for path in PATHS)
