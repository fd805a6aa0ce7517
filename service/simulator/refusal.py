"""A request that the simulator refuses; each protocol has its own words and shape for it."""


class Refusal(Exception):
    """Raised wherever a request is found wrong; `param` is the place, such as `messages[0].role`."""

    def __init__(self, message: str, param: str | None = None, code: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.code = code
        self.status = status
