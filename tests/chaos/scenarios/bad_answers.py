"""M18: status 200, and no answer in it.

One request and no stand-in, so that the caller sees the failure itself; nothing waits: scale 1.
"""

from mainstay import v1 as pb
from mainstay.messages import RequestFields
from tests.chaos.one_call import OneCall
from tests.chaos.scenario import Scenario

PLAIN_TRUTH = RequestFields(policy=pb.CallPolicy(allow_degraded=False, max_attempts=1))


def _fails(key: str, does: str, fault: str, kind: str) -> Scenario:
    play = OneCall(primary=fault, fields=PLAIN_TRUTH, sees=f"UNAVAILABLE {kind}", attempts=[f"primary {kind}"])
    return Scenario(key=f"m18-{key}", does=f"200 with {does}", play=play)


SCENARIOS = [
    _fails("error", "an error as body", "error200", "OVERLOADED"),
    _fails("page", "a web page", "html200", "MALFORMED"),
    _fails("nothing", "nothing", "empty200", "EMPTY"),
]
