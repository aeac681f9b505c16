"""What came in and how it stands as JSON values: the same for commands and callers."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from trivium.engine.places import record_name


def instant(at: dt.datetime | int | None) -> str | None:
    """RFC 3339 in UTC, of a naive UTC time or of microseconds since 1970; microseconds only where there are any."""
    if at is None:
        return None
    if isinstance(at, int):
        at = dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=at)  # noqa: DTZ001 - UTC, like the store's
    if at.tzinfo is not None:
        at = at.astimezone(dt.UTC).replace(tzinfo=None)
    return f"{at.isoformat()}Z"


def account_document(figures: Mapping[str, int] | Any) -> dict[str, int]:
    """An account, or a row that has one, as JSON values."""
    names = ("received", "accepted", "rejected", "ignored")
    if isinstance(figures, Mapping):
        return {name: int(figures[name]) for name in names}
    return {name: int(getattr(figures, name)) for name in names}


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


def reasons(row: dict[str, Any]) -> list[dict[str, Any]]:
    """Why the record was rejected: `rule`, `field`, `value`, `message`."""
    found: list[dict[str, Any]] = json.loads(row["reasons"])
    return found


def record_document(row: dict[str, Any]) -> dict[str, Any]:
    """Of a row of `Control.quarantine`. `raw` is text where it is UTF-8, else `raw_base64` has the bytes;
    so `mended_raw`, what a mended one was mended to."""
    return {
        "id": record_name(row["load_no"], row["place"]),
        "source": row["source"],
        "delivery": row["delivery"],
        "revision": row["revision"],
        "file": row["file"],
        "place": row["place"],
        "line": row["line"],
        "byte_offset": row["byte_offset"],
        "state": row["state"],
        "by": row["by"],
        "arrived_at": instant(row["arrived_at"]),
        "due": instant(row["due"]),
        "keyless": row["keyless"],
        "commit": row["commit_no"],
        "resolved_commit": row["resolved_in"],
        "reasons": reasons(row),
        **body(row["raw"]),
        **({} if row["mended"] is None else {f"mended_{name}": text for name, text in body(row["mended"]).items()}),
    }


def body(raw: bytes) -> dict[str, str]:
    """Raw bytes as text, where they are one, else in base64."""
    try:
        return {"raw": bytes(raw).decode()}
    except UnicodeDecodeError:
        return {"raw_base64": base64.b64encode(bytes(raw)).decode()}


def expected_document(expected: dict[str, Any] | None) -> dict[str, Any] | None:
    """Of what `service.status` tells of the files that are expected of a source."""
    if expected is None or expected["next"] is None:
        return expected
    following = expected["next"]
    return expected | {"next": following | {"day": str(following["day"]), "due": instant(following["due"])}}
