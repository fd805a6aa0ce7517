"""How every section of the configuration behaves: frozen, unknown keys refused, no value in an error."""

from pydantic import ConfigDict

SECTION = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
