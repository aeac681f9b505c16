"""A delivery's reading as JSON values."""

from __future__ import annotations

from typing import Any

from trivium.cli.words import account_document, instant


def delivery_document(row: dict[str, Any]) -> dict[str, Any]:
    """Of a row of `Control.deliveries`."""
    told = ("source", "delivery", "revision", "attempt", "kind", "state", "file", "size", "digest", "archived", "by")
    found = {name: row.get(name) for name in told}
    found |= {
        "arrived_at": instant(row["arrived_at"]),
        "commit": row.get("commit_no"),
        "account": account_document(row),
    }
    if row["state"] == "held":
        found |= {"gone": row["gone"], "alive": row["alive"]}
    return found
