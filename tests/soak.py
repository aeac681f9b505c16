"""How hard tests try: `make soak` sets the profile, and nothing ends them in time."""

from __future__ import annotations

import os
from typing import Final

SOAK: Final = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
