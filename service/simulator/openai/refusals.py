"""What an OpenAI error says of a request: the message, the param and the code of each kind of mistake."""

from service.simulator.refusal import Refusal


def missing(param: str) -> Refusal:
    """The refusal of a request that lacks `param`."""
    return Refusal(f"Missing required parameter: '{param}'.", param, "missing_required_parameter")


def wrong_type(param: str, expected: str) -> Refusal:
    """The refusal of a value that is not `expected`."""
    return Refusal(f"Invalid type for '{param}': expected {expected}.", param, "invalid_type")


def wrong_value(param: str, expected: str) -> Refusal:
    """The refusal of a value of the right type that is not among those `expected`."""
    return Refusal(f"Invalid value for '{param}': expected {expected}.", param, "invalid_value")


def out_of_range(param: str, kind: str, low: float, high: float, given: float) -> Refusal:
    """The refusal of a number, `kind` being integer or decimal, that is not from `low` to `high`."""
    beyond = "below_min" if given < low else "above_max"
    message = f"Invalid '{param}': expected a number from {low} to {high}, but got {given} instead."
    return Refusal(message, param, f"{kind}_{beyond}_value")


def empty(param: str) -> Refusal:
    """The refusal of an array that has to hold something."""
    return Refusal(f"Invalid '{param}': expected an array that is not empty.", param, "empty_array")


def unknown(param: str) -> Refusal:
    """The refusal of a key that the protocol does not know."""
    return Refusal(f"Unknown parameter: '{param}'.", param, "unknown_parameter")
