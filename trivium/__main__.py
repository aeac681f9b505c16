"""`python -m trivium` is the command line."""

import sys

from trivium.cli import main

sys.exit(main())
