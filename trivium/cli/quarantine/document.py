"""A quarantined record as JSON values, and its reasons as lines."""

from __future__ import annotations

import base64
import json
from typing import Any

from trivium.cli.words import instant, visible
from trivium.engine.places import record_name


def reasons(row: dict[str, Any]) -> list[dict[str, Any]]:
    """Why the record was rejected: `rule`, `field`, `value`, `message`."""
    found: list[dict[str, Any]] = json.loads(row["reasons"])
    return found


def reason_line(reason: dict[str, Any], *, short: bool = False) -> str:
    """One reason in one line; `short` leaves out what to do about it."""
    message = str(reason.get("message") or reason.get("rule"))
    if short:
        message = message.partition("; ")[0]
    value = reason.get("value")
    return visible(message if value is None else f"{message} (is {value!r})")


def where(row: dict[str, Any]) -> str:
    """`orders_2026-03-02.csv:17`, as an editor understands it."""
    return visible(f"{row['file']}:{row['line'] if row['line'] is not None else row['place']}")


def record_document(row: dict[str, Any]) -> dict[str, Any]:
    """Of a row of `Control.quarantine`. `raw` is text where it is UTF-8, else `raw_base64` has the bytes;
    so `mended_raw`, what a mended one was mended to."""
    return {
        "id": record_name(row["load_no"], row["place"]),
        "source": row["source"],
        "delivery": row["delivery"],
        "revision": row["revision"],
        "file": row["file"],
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
        **_body(row["raw"]),
        **({} if row["mended"] is None else {f"mended_{name}": text for name, text in _body(row["mended"]).items()}),
    }


def reject_document(row: dict[str, Any]) -> dict[str, Any]:
    """Of a row of `Verdict.rejected`: a record that no store has."""
    return {"line": row["line"], "byte_offset": row["byte_offset"], "reasons": reasons(row), **_body(row["raw"])}


def sample(raw: bytes, most: int = 120) -> str:
    """The beginning of a raw record, in one safe line."""
    text = visible(bytes(raw[: most + 1]).decode("utf-8", "backslashreplace"))
    return text if len(text) <= most else f"{text[:most]}…"


def _body(raw: bytes) -> dict[str, str]:
    try:
        return {"raw": bytes(raw).decode()}
    except UnicodeDecodeError:
        return {"raw_base64": base64.b64encode(bytes(raw)).decode()}
