"""How hard the fault tests try: `make soak` sets the profile that the properties know too."""

from __future__ import annotations

import os
from typing import Final

SOAK: Final = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
