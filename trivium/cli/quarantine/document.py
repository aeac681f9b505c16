"""A rejected record as JSON values, its reasons as lines, and where it stood."""

from __future__ import annotations

from typing import Any

from trivium.cli.words import visible
from trivium.service.documents import body, reasons


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


def reject_document(row: dict[str, Any]) -> dict[str, Any]:
    """Of a row of `Verdict.rejected`: a record that no store has."""
    return {"line": row["line"], "byte_offset": row["byte_offset"], "reasons": reasons(row), **body(row["raw"])}


def sample(raw: bytes, most: int = 120) -> str:
    """The beginning of a raw record, in one safe line."""
    text = visible(bytes(raw[: most + 1]).decode("utf-8", "backslashreplace"))
    return text if len(text) <= most else f"{text[:most]}…"
