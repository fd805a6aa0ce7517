"""The bounds of a request: one table. A violation names the limit that it crosses.

Numbers of characters are Unicode code points; the size of a whole request is enforced by gRPC as it reads.
"""

REQUEST_BYTES = 32 * 1024 * 1024

MODEL_CHARACTERS = 256
MESSAGES = 2_000
PARTS_PER_MESSAGE = 256
PARTS = 10_000
"""In all messages together: looking at each takes a microsecond or two of everybody's time."""
IMAGES_PER_RESULT = 64
UNKNOWN_BYTES = 4_096
"""More than this of unknown fields is not looked at closely, only refused."""
NAME_CHARACTERS = 64
URL_CHARACTERS = 8_192
TOOL_CALL_ID_CHARACTERS = 256
TOOLS = 128
DESCRIPTION_CHARACTERS = 16_384
SCHEMA_CHARACTERS = 262_144
SCHEMAS_CHARACTERS = 1_048_576
"""Of all tools together: each is parsed."""
SCHEMA_LEVELS = 64
"""Of JSON, each object and list. Code that goes down level by level has no bound of its own."""
STOP_TEXTS = 16
STOP_CHARACTERS = 256
LABELS = 64
LABEL_CHARACTERS = 256
PROVIDER_OPTIONS = 16
PROVIDER_OPTION_CHARACTERS = 65_536
END_USER_CHARACTERS = 256

CALLER_CHARACTERS = 128
REQUEST_ID_CHARACTERS = 128

DETAIL_BYTES = 4_096
"""All details of one status together: above 8 KiB of trailers clients see RESOURCE_EXHAUSTED instead of the error."""
VIOLATIONS = 20
