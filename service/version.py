"""Which Mainstay this is."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("mainstay-service")
except PackageNotFoundError:  # a checkout that was not installed
    VERSION = "0+unknown"
