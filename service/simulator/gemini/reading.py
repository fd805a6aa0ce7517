"""Reads a request the way Gemini does: into a `Question`, or a `Refusal`."""

from collections.abc import Mapping

from service.simulator.body import digest, parsed
from service.simulator.gemini.conversation import check_contents, check_parts, messages_of
from service.simulator.gemini.refusals import wrong
from service.simulator.gemini.request import GenerationConfig, Request
from service.simulator.gemini.schema import as_json_schema, check_schema
from service.simulator.gemini.shape import shaped
from service.simulator.gemini.signing import check_signatures
from service.simulator.gemini.tooling import toolbox_of
from service.simulator.protocol import Asked
from service.simulator.question import Message, Question, Schema
from service.simulator.refusal import Refusal

_MOST_STOPS = 5
_ANY_JSON = {"type": "object", "properties": {"answer": {}}, "required": ["answer"]}
_FORMS = ("application/json", "text/x.enum")


def read_question(asked: Asked) -> Question:
    """The question that the request asks; raises `Refusal`. The address names the model."""
    given = parsed(asked.body)
    request = shaped(Request, given)
    model = asked.place["model"]
    check_contents(request.contents)
    check_signatures(request.contents, model)
    config = request.generation_config
    _check_config(config)
    alt = (asked.query.get("alt") or asked.query.get("$alt") or "").partition(";")[0]
    return Question(
        model=model,
        digest=digest({**given, "model": model}),
        messages=(*_standing(request), *messages_of(request.contents)),
        toolbox=toolbox_of(request),
        schema=_schema(config),
        max_tokens=config.max_output_tokens,
        stop=tuple(word for word in config.stop_sequences if word),
        stream=asked.place["method"] == "streamGenerateContent",
        thinks=_thinks(config),
        shows_thoughts=config.thinking_config.include_thoughts,
        events=alt == "sse",
    )


def _standing(request: Request) -> tuple[Message, ...]:
    if request.system_instruction is None:
        return ()
    check_parts(request.system_instruction.parts, "system_instruction.parts")
    text = "\n".join(part.text or "" for part in request.system_instruction.parts)
    return (Message("system", text),)


def _check_config(config: GenerationConfig) -> None:
    at = "generation_config"
    if len(config.stop_sequences) > _MOST_STOPS:
        raise wrong(f"{at}.stop_sequences", f"at most {_MOST_STOPS} stop sequences are supported")
    if config.response_schema is not None and config.response_json_schema is not None:
        raise wrong(at, "only one of response_schema and response_json_schema can be set.")
    formed = config.response_schema is not None or config.response_json_schema is not None
    if formed and config.response_mime_type not in _FORMS:
        raise wrong(f"{at}.response_schema", "only allowed when response_mime_type is application/json or text/x.enum")
    if config.response_schema is not None:
        check_schema(config.response_schema, f"{at}.response_schema")
    thinking = config.thinking_config
    if thinking.thinking_budget is not None and thinking.thinking_level is not None:
        raise Refusal("You can only set one of thinking budget and thinking level.", f"{at}.thinking_config")


def _thinks(config: GenerationConfig) -> bool:
    thinking = config.thinking_config
    if thinking.thinking_budget == 0:
        return False
    return thinking.include_thoughts or thinking.thinking_budget is not None or thinking.thinking_level is not None


def _schema(config: GenerationConfig) -> Schema | None:
    """What the answer's JSON has to look like; None for plain text."""
    if config.response_mime_type != "application/json":
        return None
    if config.response_schema is not None:
        return as_json_schema(config.response_schema)
    given = config.response_json_schema
    return given if isinstance(given, Mapping) else _ANY_JSON
