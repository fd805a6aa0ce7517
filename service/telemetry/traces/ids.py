"""New names of traces and spans: random, as the SDK makes them, and never zero, which means none."""

import random


def trace_id() -> int:
    """128 bits."""
    return random.getrandbits(128) or trace_id()


def span_id() -> int:
    """64 bits."""
    return random.getrandbits(64) or span_id()
