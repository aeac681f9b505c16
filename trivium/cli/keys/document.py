"""A key as people and programs are shown it."""

from __future__ import annotations

from typing import Any

from trivium.ports import ApiKey


def key_document(key: ApiKey, domains: list[str]) -> dict[str, Any]:
    """A key as JSON values; its secret is not among them."""
    return {
        "id": key.key_id,
        "name": key.name,
        "send": list(key.grants.send),
        "read": list(key.grants.read),
        "sensitive": key.grants.sensitive,
        "operate": key.grants.operate,
        "domains": domains,
        "made_at": _text(key.made_at),
        "made_by": key.made_by,
        "revoked_at": _text(key.revoked_at),
        "revoked_by": key.revoked_by,
    }


def grants_text(key: ApiKey) -> str:
    """What it may, in a few words."""
    told = []
    if key.grants.send:
        told.append(f"send {', '.join(key.grants.send)}")
    if key.grants.read:
        told.append(f"read {', '.join(key.grants.read)}")
    told += [word for word in ("sensitive", "operate") if getattr(key.grants, word)]
    return "; ".join(told)


def _text(at: Any) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds").replace("+00:00", "Z")
