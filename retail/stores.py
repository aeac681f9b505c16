"""The stores, and the Sundays before Christmas on which they may open."""

from __future__ import annotations

import datetime as dt
from typing import Final

STORES: Final = tuple(f"S{number:03}" for number in range(1, 41))

OPEN_SUNDAYS: Final = tuple(map(dt.date.fromisoformat, ("2025-11-30", "2025-12-07", "2025-12-14", "2025-12-21")))
