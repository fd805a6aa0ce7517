"""`python -m service.simulator`: the simulator without the rest of the service."""

import argparse
import sys

from service.simulator.options import add_arguments, options_from
from service.simulator.serve import run


def main() -> int:
    """Run the simulator as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m service.simulator", description="A simulated LLM provider.")
    add_arguments(parser)
    return run(options_from(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
