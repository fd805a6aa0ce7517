"""`ListModels` tells what every target of a route is known to do."""

from mainstay import ChatClient
from service.config import Settings
from tests.kit.service import serving


async def test_a_route_does_what_each_of_its_targets_is_known_to_do(nothing_left_open: None) -> None:
    address = {"protocol": "openai", "base_url": "http://127.0.0.1:9/v1", "auth": "none"}
    settings = Settings.model_validate(
        {
            "server": {"address": "127.0.0.1:0", "drain_grace": "0s"},
            "providers": {"openai": address, "xai": address, "own": address},
            "routes": {
                "known": {"targets": ["openai/gpt-6-luna", "xai/grok-4.3"]},
                "partly": {"targets": ["openai/gpt-6-luna", "own/x"]},
            },
        }
    )
    async with serving(settings) as at, ChatClient(at) as client:
        known, partly = await client.list_models()

    assert (known.context_tokens, known.max_output_tokens) == (922_000, 128_000)
    assert known.tools
    assert known.images
    assert known.json_schema
    assert known.reasoning
    assert not partly.HasField("context_tokens")
    assert not partly.HasField("max_output_tokens")
    assert [partly.tools, partly.images, partly.json_schema, partly.reasoning] == 4 * [False]
