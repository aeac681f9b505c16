"""How a delivery stands, in words."""

from __future__ import annotations

from typing import Any, Final

_IN_WORDS: Final = {
    "retracted": "retracted: what it said counts as never said",
    "superseded": "superseded by a higher reading",
    "held": "held until it is released",
}


def stands(row: dict[str, Any]) -> bool:
    """Whether a reading (a row of `Control.deliveries`) is how its delivery stands: it counts, or is its retraction."""
    return row["state"] == "counts" or (row["kind"], row["state"]) == ("retraction", "retracted")


def standing(row: dict[str, Any]) -> str:
    """The state of a reading, in words."""
    if (row["kind"], row["state"]) == ("retraction", "retracted"):
        return "in force: the delivery says nothing"
    return _IN_WORDS.get(row["state"], str(row["state"]))
