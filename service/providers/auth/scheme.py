"""How a key or a token travels."""

NONE = "none"
BEARER = "bearer"


def carried(auth: str, secret: str) -> dict[str, str]:
    """The header that carries it: as a bearer token, or as it is in the header that `auth` names; none without one."""
    if auth == NONE or not secret:
        return {}
    return {"authorization": f"Bearer {secret}"} if auth == BEARER else {auth: secret}
