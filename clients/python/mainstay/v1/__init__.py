"""The wire contract: every message and enum of `mainstay.v1` under one name.

`proto/mainstay/v1` says what each field means. The stubs of the service are in `mainstay.v1.chat_pb2_grpc`.
"""

from mainstay.v1.chat_pb2 import *
from mainstay.v1.event_pb2 import *
from mainstay.v1.message_pb2 import *
from mainstay.v1.policy_pb2 import *
from mainstay.v1.provenance_pb2 import *
