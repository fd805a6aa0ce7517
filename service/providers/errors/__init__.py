"""What providers' errors mean, whichever protocol they speak."""

from service.providers.errors.body import is_error
from service.providers.errors.headers import request_id_of
from service.providers.errors.meaning import failure, failure_in, failure_said
from service.providers.errors.table import NOTHING_OWN, ErrorTable

__all__ = ["NOTHING_OWN", "ErrorTable", "failure", "failure_in", "failure_said", "is_error", "request_id_of"]
