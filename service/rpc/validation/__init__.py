"""Is this request one that can be answered? Finds every violation, reports a bounded number of them."""

from service.rpc.validation.counting import violations_of_count
from service.rpc.validation.request import violations_of
from service.rpc.validation.violations import Violation, Violations

__all__ = ["Violation", "Violations", "violations_of", "violations_of_count"]
