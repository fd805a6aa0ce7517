"""Reads a list of fault rules, from a YAML file or from the control endpoint.

- model: "chat*"            # a glob over names without their own faults; unset: every model
  first: 2                  # or every: N, or probability: P; unset: every request
  fault: status(429,retry-after=2)
"""

from collections.abc import Mapping
from pathlib import Path

import yaml

from service.simulator.conditions import Always, Chance, Every, First, When
from service.simulator.grammar import parse_faults
from service.simulator.quantities import ScriptError, chance, integer
from service.simulator.script import Rule

_KEYS = ("model", "first", "every", "probability", "fault")
_MAX_RULES = 1_000


def load_scenario(path: Path) -> tuple[Rule, ...]:
    """The rules of a YAML file; raises `ScriptError` that names file and place."""
    try:
        given: object = yaml.safe_load(path.read_text(encoding="utf-8"))
        return read_rules(given or [])
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ScriptError(f"{path}: cannot be read: {reason}") from error
    except yaml.YAMLError as error:
        raise ScriptError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    except ScriptError as error:
        raise ScriptError(f"{path}: {error}") from error


def read_rules(given: object) -> tuple[Rule, ...]:
    """The rules of a parsed list; raises `ScriptError` that names the place."""
    if not isinstance(given, list) or len(given) > _MAX_RULES:
        raise ScriptError(f"expected a list of at most {_MAX_RULES} rules")
    return tuple(_rule(item, f"rule {n}") for n, item in enumerate(given, start=1))


def _rule(given: object, at: str) -> Rule:
    if not isinstance(given, Mapping):
        raise ScriptError(f"{at}: expected a mapping with {', '.join(_KEYS)}")
    if strange := [str(key) for key in given if key not in _KEYS]:
        raise ScriptError(f"{at}: unknown key '{strange[0]}'; known: {', '.join(_KEYS)}")
    model, fault = given.get("model", "*"), given.get("fault")
    if not isinstance(model, str) or not isinstance(fault, str):
        raise ScriptError(f"{at}: 'model' and 'fault' must be text, and 'fault' must be there")
    try:
        return Rule(model, _when(given), parse_faults(fault), given)
    except ScriptError as error:
        raise ScriptError(f"{at}: {error}") from error


def _when(given: Mapping[str, object]) -> When:
    match [key for key in ("first", "every", "probability") if key in given]:
        case []:
            return Always()
        case ["first"]:
            return First(integer(str(given["first"]), 1))
        case ["every"]:
            return Every(integer(str(given["every"]), 1))
        case ["probability"]:
            return Chance(chance(str(given["probability"])))
        case _:
            raise ScriptError("only one of 'first', 'every' and 'probability' can be set")
