"""How much of a provider's answer is kept."""

LONGEST_WORD = 128
"""Characters of a finish reason."""
MOST_CALLS = 1024
"""Tool calls in one answer."""
