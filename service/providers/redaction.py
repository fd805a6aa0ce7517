"""Makes a provider's words fit to be shown: one line, short, and without anything that looks like a key."""

import re

READ_AT_MOST = 1000
"""Characters that are looked at; a Failure keeps 200."""

_SECRET = re.compile(
    r"""
      (?P<label> bearer\s+ ) [^\s"',;]+
    | \b (?: sk | pk | rk | gsk | csk | xai | pplx | hf | nvapi | tgp | fw | bce-v3 ) [-_/] [\w*./-]{4,}
    | \b (?: AIza | eyJ ) [\w.-]{8,}
    | (?P<key> (?: (?<![a-z]) key | api[-_ ]?key | token | secret | password ) (?![a-z]) [^.;]{0,24}? )
      (?= [^\s]{0,64} [0-9*] ) (?<![\w+/*-]) [\w+/*-]{12,} =*
    | (?<![\w+/-]) (?= [\w+/-]{0,64} [0-9] ) (?= [\w+/-]{0,64} [A-Za-z] ) [\w+/]{40,} =*
    """,
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)


_PAGE = re.compile(r"\s*<")
_TITLE = re.compile(r"<title[^>]{0,64}>([^<]{0,200})", re.IGNORECASE)


def readable(said: str | bytes) -> str:
    """The words on one line, redacted and cut; of an HTML page only its title."""
    text = said[: 4 * READ_AT_MOST].decode(errors="replace") if isinstance(said, bytes) else said
    if _PAGE.match(text):
        title = _TITLE.search(text)
        text = f"a page titled {title[1].strip()!r}" if title else "a page"
    line = " ".join("".join(c if c.isprintable() else " " for c in text[:READ_AT_MOST]).split())
    return _SECRET.sub(lambda found: f"{found['label'] or found['key'] or ''}***", line)
