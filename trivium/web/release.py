"""Which version of Trivium answers."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def release() -> str:
    """The version."""
    try:
        return version("trivium")
    except PackageNotFoundError:  # run from its sources
        return "0"
