"""A delivery's reading as JSON values."""

from __future__ import annotations

from typing import Any, Final

from trivium.cli.words import account_document, instant

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


def delivery_document(row: dict[str, Any]) -> dict[str, Any]:
    """Of a row of `Control.deliveries`."""
    told = ("source", "delivery", "revision", "attempt", "kind", "state", "file", "size", "digest", "archived", "by")
    found = {name: row.get(name) for name in told}
    found |= {
        "arrived_at": instant(row["arrived_at"]),
        "commit": row.get("commit_no"),
        "account": account_document(row),
        "again": row["again"],
        "last_again": instant(row["again_at"]),
        "manifest": row["manifest"],
    }
    if row["state"] == "held":
        found |= {"gone": row["gone"], "alive": row["alive"]}
    return found
