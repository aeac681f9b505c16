"""Declarations of sources, tried out: everything the judge would run for them is bound over no records."""

from __future__ import annotations

from trivium.model.domain import Domain


def check_sources(domain: Domain) -> None:
    """Raises DeclarationError for the first source whose expressions do not work over columns of text."""
