"""A request that the simulator refuses, in the words of an OpenAI error."""


class Refusal(Exception):
    """Raised wherever a request is found wrong; `param` is the place, such as `messages[0].role`."""

    def __init__(self, message: str, param: str | None = None, code: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.code = code
        self.status = status


def missing(param: str) -> Refusal:
    """The refusal of a request that lacks `param`."""
    return Refusal(f"Missing required parameter: '{param}'.", param, "missing_required_parameter")


def wrong_type(param: str, expected: str) -> Refusal:
    """The refusal of a value that is not `expected`."""
    return Refusal(f"Invalid type for '{param}': expected {expected}.", param, "invalid_type")


def wrong_value(param: str, expected: str) -> Refusal:
    """The refusal of a value of the right type that is not among those `expected`."""
    return Refusal(f"Invalid value for '{param}': expected {expected}.", param, "invalid_value")


def unknown(param: str) -> Refusal:
    """The refusal of a key that the protocol does not know."""
    return Refusal(f"Unknown parameter: '{param}'.", param, "unknown_parameter")
