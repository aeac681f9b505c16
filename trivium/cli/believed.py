"""What a source holds its files to, for a person and for a program."""

from __future__ import annotations

from trivium.model.terms import Terms


def terms_document(terms: Terms) -> dict[str, str]:
    """Of each word that is declared otherwise than by default, what it says."""
    totals = ", ".join(f"{name} = {expression.text}" for name, expression in terms.totals.items())
    found = {
        "manifest": terms.manifest and terms.manifest.pattern,
        "trailer": terms.trailer and terms.trailer.text,
        "totals": totals,
        "reject limit": terms.reject_limit and terms.reject_limit.text,
        "empty": terms.empty if terms.empty != "refuse" else None,
        "unknown": terms.unknown if terms.unknown != "note" else None,
    }
    return {word: said for word, said in found.items() if said}
