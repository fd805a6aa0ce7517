"""In what Google's errors differ from those of most vendors (PROVIDERS.md 2.2, 2.3 and 3.9).

An error is a `google.rpc.Status` whose details name the reason and the quota: that a request is refused for its key is
told by a reason beside INVALID_ARGUMENT, and that waiting is no use by the quota of a day.
"""

from types import MappingProxyType

from mainstay import v1 as pb
from service.providers.errors import ErrorTable

GOOGLE = ErrorTable(
    words=MappingProxyType(
        {
            pb.FAILURE_KIND_QUOTA_EXHAUSTED: "*PerDay* *PerMonth*",
            pb.FAILURE_KIND_BAD_CREDENTIALS: """
                API_KEY_INVALID API_KEY_EXPIRED CREDENTIALS_MISSING ACCESS_TOKEN_EXPIRED ACCESS_TOKEN_TYPE_UNSUPPORTED
                ACCOUNT_STATE_INVALID""",
            pb.FAILURE_KIND_PERMISSION: "API_KEY_*_BLOCKED SERVICE_DISABLED CONSUMER_* IAM_PERMISSION_DENIED",
            pb.FAILURE_KIND_BILLING: "BILLING_DISABLED",
            pb.FAILURE_KIND_UNREACHABLE: "CANCELLED",
            pb.FAILURE_KIND_UNSUPPORTED: "UNIMPLEMENTED",
        }
    ),
    texts=MappingProxyType(
        {
            pb.FAILURE_KIND_QUOTA_EXHAUSTED: ("limit: 0,", "limit: 0\n"),
            pb.FAILURE_KIND_BAD_CREDENTIALS: ("api key expired",),
            pb.FAILURE_KIND_PERMISSION: ("user location is not supported",),
        }
    ),
)
