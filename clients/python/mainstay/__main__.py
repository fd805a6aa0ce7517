"""`python -m mainstay`, where the command `mainstay` is not on the path."""

import sys

from mainstay.cli import main

sys.exit(main())
