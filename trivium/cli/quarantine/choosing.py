"""Which domain's records are meant by names that only count within a store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from trivium.errors import UsageError

if TYPE_CHECKING:
    from trivium.cli.opening import Workplace
    from trivium.service.opening import Opened


@contextmanager
def chosen(
    place: Workplace, names: Sequence[str], domain: str | None, *, closed: bool = False
) -> Iterator[tuple[Opened, list[dict[str, Any]]]]:
    """The store that has the records of these names, and the records (rows of `Control.quarantine`).

    Where several domains have such records, --domain has to say which are meant.
    """
    from trivium.service.quarantined import find, parse_place

    places = [parse_place(name) for name in names]
    if domain is None and place.several:
        domain = _only_one(place, names)
    one = place.domains(domain)[0]
    with place.open(one) as opened:
        yield opened, find(opened.store, places, closed=closed)


def _only_one(place: Workplace, names: Sequence[str]) -> str:
    """The domain that has all these records."""
    from trivium.service.quarantined import find, parse_place

    having: list[str] = []
    missing: UsageError | None = None
    for opened in place.opened():
        try:
            find(opened.store, [parse_place(name) for name in names], closed=True)
            having.append(opened.domain.name)
        except UsageError as error:
            missing = error
    if not having:
        raise missing or UsageError("no domain has a store")
    if len(having) > 1:
        raise UsageError(f"several domains have {' '.join(names)}: {', '.join(having)}", hint="say which by --domain")
    return having[0]
