"""A short name for a configuration: the same for equal ones, by which to see that two replicas run the same."""

import json
from hashlib import sha256

from service.config.settings import Settings

CHARACTERS = 12


def digest(settings: Settings) -> str:
    """SHA-256 over everything but what is secret or may be: whoever guesses a key cannot check the guess here.

    Keys count as there or not there. Of headers only the names count, since values may identify us.
    """
    written = settings.model_dump(mode="json")
    for provider in written["providers"].values():
        provider["headers"] = sorted(provider["headers"])
    return sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()[:CHARACTERS]
