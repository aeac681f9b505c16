"""Sources: what one outside system sends over one channel, and how its records state entities."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import EllipsisType
from typing import Literal, get_args

from trivium.errors import DeclarationError
from trivium.model.calendar import Calendar, Expected, calendar_of
from trivium.model.cutoff import CutOff, check_zone, parse_cut_off
from trivium.model.durations import parse_duration
from trivium.model.encodings import UTF8
from trivium.model.entity import Entity, EntityShape, Group
from trivium.model.expressions import Expression, parse
from trivium.model.files import FilePattern, parse_files
from trivium.model.formats import Format, JsonFile, format_of
from trivium.model.keywords import checked
from trivium.model.naming import check_source_name
from trivium.model.numbers import Marks
from trivium.model.readiness import Readiness, parse_readiness
from trivium.model.reconcile import Reconcile, Reconciling, reconciling_of
from trivium.model.sizes import parse_size
from trivium.model.survivorship import DEFAULT_PRECEDENCE, MAX_PRECEDENCE
from trivium.model.terms import Empty, Manifest, Terms, Unknown, parse_terms

Channel = Literal["batch", "rest", "events"]
UnknownMembers = Literal["ignore", "refuse"]
FormatName = Literal["csv", "ndjson", "json", "parquet", "excel"]


@checked
@dataclass(frozen=True, slots=True)
class Into:
    """How one record of a source states an entity.

    `columns`: attribute (`total.amount` for a facet's member) to SQL over the record's columns; what is not
    named is taken from the column of the same name, where the record has it. `states`: only these attributes
    (or facets) are stated, others are left untouched. `each`: the record holds a list under this name and
    each of its items states one entity; its own columns are the item's, the record's are `record.NAME`.
    `asserts`: parts of the key; the record is complete for them, so that what it does not state there is gone
    (with `each`: a null or empty list says that nothing is left, a record without the list says nothing).
    `when`: only records for which this holds state it. `delete`: where this holds it is a delete.
    `event_time`, `sequence`: as for the source, for this entity alone.
    """

    entity: type[Entity]
    columns: Mapping[str, str] | None = None
    states: Sequence[str] | None = None
    each: str | None = None
    asserts: str | Sequence[str] = ()
    when: str | None = None
    delete: str | None = None
    event_time: str | None = None
    sequence: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """An `Into`, checked. `columns` has only what was declared; defaults depend on the record's columns."""

    shape: EntityShape
    columns: dict[str, Expression]
    groups: tuple[Group, ...]
    each: str | None
    asserts: tuple[str, ...]
    when: Expression | None
    delete: Expression | None
    event_time: Expression | None
    sequence: Expression | None


@dataclass(frozen=True, slots=True)
class Source:
    """A source, checked. Made by `Batch`, `Rest` and `Events`."""

    name: str
    channel: Channel
    format: Format
    routes: tuple[Route, ...]
    event_time: Expression | None
    sequence: Expression | None
    precedence: int
    zone: str | None
    ignore: Expression | None
    max_ahead: int
    keep_raw: int | None
    files: FilePattern | None
    cut_off: CutOff | None
    asserts: tuple[str, ...]
    max_gone: Decimal | None
    unpacks_to: int
    calendar: Calendar | None
    reconciles: Reconciling | None
    terms: Terms
    ready: Readiness
    topic: str | None
    description: str | None

    @property
    def where(self) -> str:
        """How messages name it."""
        return f"source {self.name!r}"


@checked
def Batch(  # noqa: N802 - a kind of source, read as one
    name: str,
    *,
    into: Sequence[Into],
    files: str | None = None,
    format: Format | FormatName = "csv",
    separator: str | None = None,
    quote: str | EllipsisType | None = ...,
    unpacks_to: str = "10 GB",
    event_time: str | None = None,
    sequence: str | None = None,
    cut_off: str | None = None,
    asserts: str | Sequence[str] = (),
    max_gone: str | None = None,
    precedence: int = DEFAULT_PRECEDENCE,
    zone: str | None = None,
    ignore: str | None = None,
    max_ahead: str = "1 day",
    keep_raw: str | None = "400 days",
    manifest: str | Manifest | None = None,
    trailer: str | None = None,
    totals: Mapping[str, str] | None = None,
    reject_limit: str | None = None,
    empty: Empty = "refuse",
    unknown: Unknown = "note",
    ready: str | None = None,
    expected_by: str | Expected | None = None,
    reconciles: str | Reconcile | None = None,
    description: str | None = None,
) -> Source:
    """A source of files.

    `files`: the pattern of their names. `format`: how their bytes are records. `separator`, `quote`: a short hand for
    those of a plain `Csv(…)`; without a quote (None) quotes are characters like any other and a record is a line.
    `unpacks_to`: bytes that a packed file may unpack to. `event_time`: an expression, or else `cut_off` such as
    `business_date 23:00 Europe/Paris`. `asserts`: parts of the key for which a file is complete; `max_gone`
    (`5%`) holds a file that would end more than that share of the living records it asserts. `zone`: the zone
    of timestamps that carry none. `ignore`: records for which this holds are none of the source's own.
    `max_ahead`: how far an event time, or the cut-off, may lie ahead of arrival. `keep_raw`: how long a copy of the
    raw input is kept; None leaves the file where it lies, and replay needs it there. `ready`: when a file that arrives
    is whole: `renamed`, `stable for 10 seconds`, `marker *.done`; by default `stable for 2 seconds`, its manifest too
    if it has one. `expected_by`: when its files are due, see `Expected`. `reconciles`: the source that each file is
    compared with, see `Reconcile`.

    What a file has to keep to be believed: `manifest`, a file beside it, and `trailer`, its last line, say what it
    must hold; `totals` are what sums of it they speak of, by name, as expressions. `reject_limit` (`100 or 1%`): with
    more rejects it is refused. `empty`: `zero` where a file without records says that there are none. `unknown`:
    `refuse` where no column may come that nothing reads.
    """
    declared = format_of(format, separator, quote, f"source {name!r}")
    terms = parse_terms(
        f"source {name!r}", manifest=manifest, trailer=trailer, totals=totals, reject_limit=reject_limit,
        empty=empty, unknown=unknown, captures=parse_files(files, f"source {name!r}").captures if files else (),
        by_lines=declared.by_lines, has_header=not declared.documents, marks=declared.marks,
    )  # fmt: skip
    if terms.trailer is not None and terms.trailer.hashed and getattr(declared, "encoding", UTF8) != UTF8:
        cure = "have the trailer say rows and totals, or the file sent as UTF-8"
        raise DeclarationError(f"source {name!r}", "has a checksum in the trailer, and is not UTF-8", cure=cure)
    return _source(
        name, "batch", into, format=declared, event_time=event_time, sequence=sequence, cut_off=cut_off,
        asserts=asserts, max_gone=max_gone, precedence=precedence, zone=zone, ignore=ignore,
        max_ahead=max_ahead, keep_raw=keep_raw, files=files, unpacks_to=unpacks_to,
        terms=terms, ready=ready, expected_by=expected_by, reconciles=reconciles, description=description,
    )  # fmt: skip


@checked
def Rest(  # noqa: N802
    name: str,
    *,
    into: Sequence[Into],
    event_time: str,
    sequence: str | None = None,
    precedence: int = DEFAULT_PRECEDENCE,
    zone: str | None = None,
    ignore: str | None = None,
    max_ahead: str = "15 minutes",
    keep_raw: str | None = "400 days",
    unpacks_to: str = "10 GB",
    unknown: UnknownMembers = "ignore",
    description: str | None = None,
) -> Source:
    """A source that calls us; its records are JSON objects. The words mean what they mean for `Batch`. `unknown`:
    `refuse` where a record may have no member that nothing reads."""
    return _source(
        name, "rest", into, format=JsonFile(), event_time=event_time, sequence=sequence, precedence=precedence,
        zone=zone, ignore=ignore, max_ahead=max_ahead, keep_raw=keep_raw, unpacks_to=unpacks_to,
        terms=_terms(unknown, name), description=description,
    )  # fmt: skip


@checked
def Events(  # noqa: N802
    name: str,
    *,
    topic: str,
    into: Sequence[Into],
    event_time: str,
    sequence: str | None = None,
    precedence: int = DEFAULT_PRECEDENCE,
    zone: str | None = None,
    ignore: str | None = None,
    max_ahead: str = "15 minutes",
    unknown: UnknownMembers = "ignore",
    description: str | None = None,
) -> Source:
    """A source of events in a topic; their values are JSON objects. The words mean what they mean for `Batch`.
    `unknown`: as for `Rest`. What was sent stays in the topic."""
    return _source(
        name, "events", into, format=JsonFile(), event_time=event_time, sequence=sequence, precedence=precedence,
        zone=zone, ignore=ignore, max_ahead=max_ahead, keep_raw=None, topic=topic,
        terms=_terms(unknown, name), description=description,
    )  # fmt: skip


def _terms(unknown: UnknownMembers, name: str) -> Terms:
    if unknown not in get_args(UnknownMembers):
        words = ", ".join(get_args(UnknownMembers))
        raise DeclarationError(f"source {name!r}", f"unknown={unknown!r}", cure=f"one of {words}")
    return Terms(unknown="refuse" if unknown == "refuse" else "note")


def _source(
    name: str,
    channel: Channel,
    into: Sequence[Into],
    *,
    format: Format,
    event_time: str | None,
    sequence: str | None,
    precedence: int,
    zone: str | None,
    ignore: str | None,
    max_ahead: str,
    keep_raw: str | None,
    cut_off: str | None = None,
    asserts: str | Sequence[str] = (),
    max_gone: str | None = None,
    files: str | None = None,
    unpacks_to: str = "10 GB",
    terms: Terms | None = None,
    expected_by: str | Expected | None = None,
    reconciles: str | Reconcile | None = None,
    ready: str | None = None,
    topic: str | None = None,
    description: str | None = None,
) -> Source:
    check_source_name(name)
    where = f"source {name!r}"
    if isinstance(precedence, bool) or not 0 <= precedence <= MAX_PRECEDENCE:
        raise DeclarationError(where, f"precedence {precedence}", cure=f"a whole number from 0 to {MAX_PRECEDENCE}")
    if not into:
        raise DeclarationError(where, "states nothing", cure="into=[Into(SomeEntity)]")
    pattern = parse_files(files, where) if files else None
    cut = parse_cut_off(cut_off, where) if cut_off else None
    terms = terms or Terms()
    has_cut = cut is not None or terms.gives_cut_off
    if cut and (pattern is None or cut.column not in pattern.captures):
        raise DeclarationError(
            where, f"cut_off reads {cut.column!r}, which the file's name does not give",
            cure=f"capture it: files='…_{{{cut.column}}}.csv'",
        )  # fmt: skip
    marks = format.marks
    routes = tuple(_route(item, where, marks) for item in into)
    if event_time is None and not has_cut and not all(route.event_time for route in routes):
        raise DeclarationError(where, "has no event time", cure="give event_time, or cut_off for a file")
    return Source(
        name=name,
        channel=channel,
        format=format,
        routes=routes,
        event_time=_parsed(event_time, where, "event_time", marks),
        sequence=_parsed(sequence, where, "sequence", marks),
        precedence=precedence,
        zone=check_zone(zone, where) if zone else None,
        ignore=_parsed(ignore, where, "ignore", marks),
        max_ahead=parse_duration(max_ahead, where),
        keep_raw=None if keep_raw is None else parse_duration(keep_raw, where),
        files=pattern,
        cut_off=cut,
        asserts=_whole_assertion(asserts, routes, has_cut, where),
        max_gone=_share(max_gone, where) if max_gone else None,
        unpacks_to=parse_size(unpacks_to, where),
        calendar=calendar_of(expected_by, pattern, cut, zone, where),
        reconciles=reconciling_of(reconciles, pattern, where),
        terms=terms,
        ready=parse_readiness(ready, where, manifest=terms.manifest is not None),
        topic=topic,
        description=description,
    )


def _is_entity(given: object) -> bool:
    return isinstance(given, type) and issubclass(given, Entity)


def _route(into: Into, where: str, marks: Marks) -> Route:
    if not _is_entity(into.entity):
        given = getattr(into.entity, "__name__", repr(into.entity))
        raise DeclarationError(where, f"Into({given}) is no entity", cure="give the class of an Entity")
    shape = into.entity.shape
    where = f"{where}, into {shape.name}"
    columns: dict[str, Expression] = {}
    for path, text in (into.columns or {}).items():
        column = shape.column(path)
        if column is None:
            known = ", ".join(c.path for c in (*shape.keys, *shape.columns))
            raise DeclarationError(where, f"maps {path!r}, which {shape.name} has not", cure=f"attributes: {known}")
        columns[column.name] = parse(text, f"{where}, {path}", exact=True, marks=marks)
    names = [group.name for group in shape.groups]
    for name in into.states or ():
        if name not in names:
            raise DeclarationError(where, f"states {name!r}, which {shape.name} has not", cure=", ".join(names))
    groups = tuple(group for group in shape.groups if into.states is None or group.name in into.states)
    if into.each is not None and not re.fullmatch(r"[^.\"\s]+(\.[^.\"\s]+)*", into.each):
        raise DeclarationError(where, f"each={into.each!r}", cure="the name of a list in the record, such as 'lines'")
    return Route(
        shape=shape,
        columns=columns,
        groups=groups,
        each=into.each,
        asserts=_key_parts(into.asserts, shape, where),
        when=_parsed(into.when, where, "when", marks),
        delete=_parsed(into.delete, where, "delete", marks),
        event_time=_parsed(into.event_time, where, "event_time", marks),
        sequence=_parsed(into.sequence, where, "sequence", marks),
    )


def _key_parts(asserts: str | Sequence[str], shape: EntityShape, where: str) -> tuple[str, ...]:
    parts = (asserts,) if isinstance(asserts, str) else tuple(asserts)
    keys = [key.name for key in shape.keys]
    for part in parts:
        if part not in keys:
            raise DeclarationError(
                where,
                f"asserts {part!r}, which is not in the key of {shape.name}",
                cure=f"the key: {', '.join(keys)}",
            )
    return tuple(key for key in keys if key in parts)


def _whole_assertion(
    asserts: str | Sequence[str], routes: tuple[Route, ...], has_cut: bool, where: str
) -> tuple[str, ...]:
    if not asserts:
        return ()
    shapes = {route.shape.name: route.shape for route in routes}
    if len(shapes) > 1:
        raise DeclarationError(
            where,
            "asserts for a whole file that states several entities",
            cure="assert on the Into it is meant for",
        )
    if not has_cut:
        raise DeclarationError(where, "asserts, but at what time?", cure="give the source a cut_off")
    return _key_parts(asserts, next(iter(shapes.values())), where)


def _parsed(text: str | None, where: str, what: str, marks: Marks) -> Expression | None:
    return None if text is None else parse(text, f"{where}, {what}", exact=True, marks=marks)


def _share(text: str, where: str) -> Decimal:
    match = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)%", text)
    if match is None or Decimal(match[1]) > 100:
        raise DeclarationError(where, f"max_gone={text!r} is not a share", cure="such as '5%'")
    return Decimal(match[1]) / 100
