"""Times in messages."""

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

_NANOS = 1_000_000_000


def put(time: Duration | Timestamp, seconds: float) -> None:
    """Sets a time to so many seconds; `FromNanoseconds` takes four times as long, to check what we know."""
    time.seconds, time.nanos = divmod(round(seconds * _NANOS), _NANOS)
