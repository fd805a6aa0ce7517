"""What the simulator answers: pure, so that the same request always gets the same answer.

Text is in the language of the last user message, says first that it is simulated, and quotes tool
results. Tools are called

* when `tool_choice` demands it (`required`, `any` or a name), or
* under `auto`, when the last message is the user's and contains a tool's name as a word; case is
  ignored, and blanks or hyphens may stand for underscores ("please get weather …").

Each tool that is named is called once, in the order of the offer; a demand that names none calls the first.

Thoughts come before the answer where the request asks for them, or where `think(N)` does.
"""

import re
from dataclasses import dataclass
from itertools import count as numbers
from itertools import islice

import orjson

from service.simulator.arguments import example
from service.simulator.phrases import CHINESE, ENGLISH, Phrases
from service.simulator.question import Question, Tool
from service.simulator.tokens import count, is_chinese, tokens

USUAL_THOUGHTS = 24  # tokens of thoughts where nobody says how many
_QUOTE_LIMIT = 200  # characters of a question or a tool result that are repeated


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a tool; `arguments` is JSON text."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Either text or tool calls, why it ended, and what was thought before it.

    `finish` is stop, length or tool_calls, or what a script wants instead; `stopped_by` is the stop text that ended it.
    """

    text: str
    calls: tuple[ToolCall, ...]
    finish: str
    thoughts: str = ""
    stopped_by: str = ""

    def reasoning_tokens(self) -> int:
        """How many of them were thoughts."""
        return count(self.thoughts)

    def completion_tokens(self) -> int:
        """What the answer counts in `usage`."""
        called = sum(count(call.name) + count(call.arguments) for call in self.calls)
        return self.reasoning_tokens() + count(self.text) + called


def answer(question: Question, length: int | None = None) -> Answer:
    """The answer to `question`; text is made exactly `length` tokens long where that is given."""
    if called := _called(question):
        return Answer("", tuple(_call(question, n, tool) for n, tool in enumerate(called)), "tool_calls")
    schema = question.schema
    text = _text(question, length) if schema is None else orjson.dumps(example(schema)).decode()
    return _end(question, text.removeprefix(question.prefix))


def thoughts(question: Question, length: int) -> str:
    """So many tokens of thoughts about `question`."""
    phrases = CHINESE if is_chinese(question.text) else ENGLISH
    return "".join(islice(tokens(_lengthened("", phrases, length)), length))


def _called(question: Question) -> tuple[Tool, ...]:
    box = question.toolbox
    if box.mode == "none" or (box.mode == "auto" and question.messages[-1].role != "user"):
        return ()
    named = tuple(tool for tool in box.tools if _names(question.text, tool.name))
    if box.mode == "required":
        named = named or box.tools[:1]
    return named if box.parallel else named[:1]


def _names(text: str, tool: str) -> bool:
    words = "[_ -]".join(re.escape(word) for word in re.split("[_-]", tool))
    return re.search(rf"(?<![a-z0-9_]){words}(?![a-z0-9_])", text, re.IGNORECASE) is not None


def _call(question: Question, number: int, tool: Tool) -> ToolCall:
    arguments = orjson.dumps(example({"type": "object", **tool.parameters})).decode()
    return ToolCall(f"call_{question.digest[:16]}{number:02}", tool.name, arguments)


def _text(question: Question, length: int | None) -> str:
    phrases = CHINESE if is_chinese(question.text) else ENGLISH
    text = _sentences(question, phrases)
    return text if length is None else "".join(islice(tokens(_lengthened(text, phrases, length)), length))


def _lengthened(text: str, phrases: Phrases, length: int) -> str:
    """At least `length` tokens; sentences are numbered, so that readers see what is lost or comes twice."""
    sentences, have = [text], count(text)
    for number in numbers(1):
        if have >= length:
            break
        sentences.append(phrases.filler.format(number))
        have += count(sentences[-1])
    return "".join(sentences)


def _sentences(question: Question, phrases: Phrases) -> str:
    if results := question.results:
        quoted = "".join(phrases.quoted.format(r.tool, _clip(r.text)) for r in results)
        return phrases.simulated + quoted
    asked = phrases.asked.format(_clip(question.text)) if question.text else ""
    known = next((said for topic, said in phrases.topics if topic in question.text.lower()), "")
    return phrases.simulated + asked + known + phrases.closing


def _clip(text: str) -> str:
    return text if len(text) <= _QUOTE_LIMIT else text[:_QUOTE_LIMIT] + "…"


def _end(question: Question, text: str) -> Answer:
    finish, stopped_by = "stop", ""
    stops = [(at, word) for word in question.stop if (at := text.find(word)) >= 0]
    if stops:
        at, stopped_by = min(stops)
        text = text[:at]
    if question.max_tokens is not None and count(text) > question.max_tokens:
        text, finish, stopped_by = "".join(islice(tokens(text), question.max_tokens)), "length", ""
    return Answer(text, (), finish, stopped_by=stopped_by)
