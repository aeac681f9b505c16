"""How a delivery is sent: plainly, or with one of the mischiefs that real systems know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Final

from retail.files.sending import Delivery, Fate, Sending, Statement
from retail.simulators.paper import TORN, ZERO, Bad, Paper, Written, write_table
from retail.simulators.world import Record

Way = Callable[[Delivery, Random], list[Sending]]

_DRAFTS: Final[Mapping[str, Record]] = {
    "mpts-end-of-day": {"label": "to be named"},
    "sod-end-of-day": {"cashier": "unknown"},
    "oms-end-of-day": {"status": "placed"},
    "wms-counts": {"counted_by": "unknown"},
}
"""What a first draft of a file says otherwise."""

_LIMITED: Final = "sod-end-of-day"
"""Of its files more than one row in ten that cannot be read is refused; the others take what can be read."""


def plain(told: Delivery, chance: Random) -> list[Sending]:
    """As it should be."""
    return [_whole(told, "plain")]


def late(told: Delivery, chance: Random) -> list[Sending]:
    """After the files of later days."""
    return [replace(_whole(told, "late"), wave=told.day + chance.randrange(2, 6))]


def twice(told: Delivery, chance: Random) -> list[Sending]:
    """The same bytes under the same name again."""
    first = _whole(told, "twice")
    return [first, replace(first, wave=_later(told, chance), fate="known", said=(), unconfirmed=False)]


def torn(told: Delivery, chance: Random) -> list[Sending]:
    """Cut off in the middle of a row; where nobody can tell, a second revision has to put it right."""
    whole = _whole(told, "torn")
    assert whole.content is not None
    if told.form.closing == "marker":
        half = len(told.rows) // 2
        read, lost = whole.content.splitlines(keepends=True)[: half + 1], told.rows[half]["location_id"]
        cut = replace(
            whole, content=b"".join(read) + f"{lost},".encode(), received=half + 1, rejected=1,
            ignored=told.said[:half].count(None), said=_heard(told.said[:half]),
        )  # fmt: skip
        return [cut, _whole(told, "torn", revision=2, wave=_later(told, chance))]
    why = "has no trailer" if told.form.closing == "trailer" else "contradicts its manifest"
    cut = replace(whole, content=whole.content[: len(whole.content) // 2 + 3])
    return [_refused(cut, why), replace(whole, wave=_later(told, chance))]


def lines(told: Delivery, chance: Random) -> list[Sending]:
    """A record of it is torn or wrong; what it should say stands beside it."""
    able = [row for row, said in zip(told.rows, told.said, strict=True) if said is not None and said.record is not None]
    way = chance.choice([TORN, *told.form.bad])
    row = chance.choice([row for row in able if way.column is None or row[way.column] is not None] or able[:1])
    if way.column is not None and row[way.column] is None:
        way = TORN
    return [_whole(told, "lines", bad=[(row, way)])]


def totals(told: Delivery, chance: Random) -> list[Sending]:
    """What its manifest or trailer says is not what it has; then it comes with the right one."""
    rows, more = chance.choice(((1, ZERO), (0, Decimal("1.00")), (-1, ZERO)))
    whole = _whole(told, "totals")
    if told.form.closing == "trailer":
        wrong = replace(whole, content=write_table(told.form, _written(told.rows), rows=rows, more=more).content)
        return [_refused(wrong, "contradicts its trailer"), replace(whole, wave=_later(told, chance))]
    paper = write_table(told.form, _written(told.rows))
    said = paper.manifest(rows=paper.rows + rows, totals={"total": paper.total + more})
    wrong = replace(whole, beside=((whole.beside[0][0], said),))
    return [_refused(wrong, "contradicts its manifest"), replace(whole, wave=_later(told, chance))]


def corrected(told: Delivery, chance: Random) -> list[Sending]:
    """A draft first, and a second revision with other content."""
    return [_draft(told, "corrected"), _whole(told, "corrected", revision=2, wave=_later(told, chance))]


def order(told: Delivery, chance: Random) -> list[Sending]:
    """The second revision comes first, and the draft after it."""
    return [_whole(told, "order", revision=2), replace(_draft(told, "order"), wave=_later(told, chance))]


def repeated(told: Delivery, chance: Random) -> list[Sending]:
    """The draft comes once more after the second revision."""
    draft, second = _draft(told, "repeated"), _whole(told, "repeated", revision=2, wave=_later(told, chance))
    return [draft, second, replace(draft, wave=second.wave + 1, fate="known", said=())]


def missing(told: Delivery, chance: Random) -> list[Sending]:
    """It never comes."""
    return []


def encoding(told: Delivery, chance: Random) -> list[Sending]:
    """In another encoding than was agreed; then in the right one."""
    other = "utf-8" if told.form.encoding == "cp1252" else "cp1252"
    paper = write_table(told.form, _written(told.rows), encoding=other)
    wrong = _on_paper(told, "encoding", paper, 1, _heard(told.said))
    unseen = sum(told.said[number] is None for number in paper.garbled)  # nobody can tell that they are to be ignored
    wrong = replace(wrong, rejected=len(paper.garbled), ignored=wrong.ignored - unseen, unconfirmed=not paper.confirmed)
    if told.form.source == _LIMITED and 10 * len(paper.garbled) > paper.rows:
        return [_refused(wrong, "reject_limit"), _whole(told, "encoding", wave=_later(told, chance))]
    return [wrong, _whole(told, "encoding", revision=2, wave=_later(told, chance))]


def header(told: Delivery, chance: Random) -> list[Sending]:
    """Nothing but the header. Where a manifest or trailer says so it is believed, and a second revision tells more."""
    paper = write_table(told.form, [])
    empty = _on_paper(told, "header", paper, 1, ())
    if told.form.closing == "marker":
        return [_refused(empty, "no records"), _whole(told, "header", wave=_later(told, chance))]
    return [empty, _whole(told, "header", revision=2, wave=_later(told, chance))]


def link(told: Delivery, chance: Random) -> list[Sending]:
    """A link instead of a file, then the file."""
    whole = _whole(told, "link")
    leads = replace(_refused(whole, "symbolic link"), content=None, beside=())
    return [leads, replace(whole, wave=_later(told, chance))]


def name(told: Delivery, chance: Random) -> list[Sending]:
    """Under a name that nobody knows, where it is left; then under its own."""
    whole = _whole(told, "name")
    called = {one: one.replace("_", "-", 1) for one in (whole.name, *(one for one, _ in whole.beside))}
    beside = tuple((called[one], text) for one, text in whole.beside)
    strange = replace(whole, name=called[whole.name], beside=beside, fate="unexpected", said=())
    return [strange, replace(whole, wave=_later(told, chance))]


def alone(told: Delivery, chance: Random) -> list[Sending]:
    """Its manifest or marker comes days after it."""
    return [replace(_whole(told, "alone"), beside_wave=_later(told, chance))]


def half(told: Delivery, chance: Random) -> list[Sending]:
    """A second revision has a quarter of the rows, by mistake: it is held, and the first goes on to count."""
    few = len(told.rows) // 4
    less = replace(told, rows=told.rows[:few], said=told.said[:few])
    second = replace(_whole(less, "half", revision=2, wave=_later(told, chance)), fate="held")
    return [_whole(told, "half"), second]


_ALL: Final[tuple[Way, ...]] = (late, twice, torn, lines, corrected, order, header, repeated)
WAYS: Final[Mapping[str, tuple[Way, ...]]] = {
    "mpts-end-of-day": (*_ALL, totals, missing, encoding, name, link),
    "sod-end-of-day": (*_ALL, totals, missing, encoding, name, link, alone, half),
    "oms-end-of-day": (*_ALL, totals, missing, name, alone),
    "wms-counts": (*_ALL, encoding, name, link, alone),
}
"""What may happen to the files of a source."""


def _later(told: Delivery, chance: Random) -> int:
    return told.day + chance.randrange(1, 4)


def _written(rows: Iterable[Record]) -> list[Written]:
    return [(row, None) for row in rows]


def _heard(said: Iterable[Statement | None]) -> tuple[Statement, ...]:
    return tuple(one for one in said if one is not None)


def _whole(
    told: Delivery, kind: str, *, revision: int = 1, wave: int | None = None, bad: Iterable[tuple[Record, Bad]] = ()
) -> Sending:
    spoilt = list(bad)
    paper = write_table(told.form, [*_written(told.rows), *spoilt])
    sent = _on_paper(told, kind, paper, revision, _heard(told.said))
    return replace(sent, wave=told.day if wave is None else wave, rejected=len(spoilt), unconfirmed=not paper.confirmed)


def _draft(told: Delivery, kind: str) -> Sending:
    """A first revision that is whole and says something else. It never counts in the end."""
    rows = tuple(row | _DRAFTS[told.form.source] for row in told.rows[:-1])
    return _whole(replace(told, rows=rows, said=told.said[:-1]), kind)


def _on_paper(told: Delivery, kind: str, paper: Paper, revision: int, said: tuple[Statement, ...]) -> Sending:
    file = f"{told.stem}_r{revision}{told.form.ending}"
    beside: tuple[tuple[str, bytes], ...] = ()
    if told.form.closing == "manifest":
        beside = ((f"{file}.manifest.json", paper.manifest()),)
    elif told.form.closing == "marker":
        beside = ((f"{file}.done", b""),)
    trailer = int(told.form.closing == "trailer")
    ignored = sum(one is None for one in told.said) if paper.rows else 0
    fate: Fate = "loaded"
    return Sending(
        told.day, told.form.source, told.folder, file, kind, told.name, revision, fate, paper.content, beside,
        received=paper.rows + trailer, ignored=ignored + trailer, said=said,
    )  # fmt: skip


def _refused(sent: Sending, why: str) -> Sending:
    return replace(sent, fate="refused", why=why, said=())
