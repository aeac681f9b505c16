"""Quarantined records sent again: as they are, or mended. They keep their delivery, event time and origin."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from trivium.channels.batch import abandoned_on_failure, file_name
from trivium.channels.judging import chunks
from trivium.channels.manifests import promise_of
from trivium.channels.raw import opened
from trivium.channels.rest.deliveries import as_delivered
from trivium.engine.judge import Judge
from trivium.engine.places import record_name
from trivium.engine.reading import NotOneRecordError, RawChunk, Unfit, read_again
from trivium.engine.reading.lines import count_line_ends
from trivium.errors import UsageError
from trivium.model.domain import Domain
from trivium.model.encodings import UTF8
from trivium.model.files import FileName
from trivium.model.instants import instant_of
from trivium.model.source import Source
from trivium.ports import Account, Delivery, Mend, Published, RawInput, Store, Verdict


@dataclass(frozen=True, slots=True)
class Retried:
    """What became of records judged again: those that are rejected still have an entry of their own.

    `replaced`: of mended ones, in words, how much text was replaced by how much.
    """

    accepted: int
    rejected: int
    published: Published
    replaced: str | None = None


def send_again(
    store: Store,
    raw: RawInput,
    domain: Domain,
    source: Source,
    records: Sequence[dict[str, Any]],
    *,
    now: dt.datetime,
    outcome: Literal["mended", "retried"],
    by: str | None = None,
    fewer_lines: bool = False,
) -> Retried:
    """Judges quarantined records (rows of `Control.quarantine`, all of one load) by today's declaration.

    For a mended record `raw` in its row is the new bytes. One commit; what is accepted counts as part of the
    delivery it came in, at the place it had. Raises UsageError where a mended record of CSV has fewer lines than
    what it replaces, unless `fewer_lines`: the others may have been records of their own.
    """
    first = records[0]
    source = as_delivered(source, first["file"])
    replaced = _replaced(store, source, records, fewer_lines) if outcome == "mended" else None
    path = Path(first["file"])
    name = file_name(source, path)
    delivery = Delivery(
        source.name, first["delivery"], first["revision"], first["digest"], first["file"], 0, now,
        archived=first["archived"],
    )  # fmt: skip
    judge = Judge(
        domain, source, arrived_at=instant_of(now), captured=name.captured,
        asserted_at=_manifest_cut_off(store, source, delivery, name, first["reading_no"]),
    )  # fmt: skip
    load = store.history.open(source.name)
    with closing(judge), abandoned_on_failure(load):
        verdict = judge.judge(_chunk(source, raw, delivery, path, records, outcome))
        load.append(_at_places(verdict, records))
        account = Account(
            0,
            verdict.account.accepted,
            verdict.account.rejected - len(records),
            verdict.account.ignored,
        )
        raws = tuple(bytes(record["raw"]) for record in records) if outcome == "mended" else ()
        mend = Mend(first["load_no"], tuple(record["place"] for record in records), outcome, by, raws)
        published = load.publish_mend(mend, account)
    return Retried(verdict.account.accepted, verdict.account.rejected, published, replaced)


def _manifest_cut_off(store: Store, source: Source, delivery: Delivery, name: FileName, reading_no: int) -> int | None:
    """The instant that the manifest of a reading gave, if any."""
    if source.terms.manifest is None:
        return None
    rows = store.control.deliveries(delivery.source, delivery.name).to_pylist()
    (row,) = [row for row in rows if row["reading_no"] == reading_no]
    promise = promise_of(source, dataclasses.replace(delivery, manifest=row["manifest"], size=row["size"]), name)
    return None if promise is None else promise.cut_off


def _replaced(store: Store, source: Source, records: Sequence[dict[str, Any]], fewer_lines: bool) -> str:
    """How much is replaced by how much; refused where lines would be lost unseen."""
    rows = store.control.quarantine(source.name, load_no=records[0]["load_no"])
    before = {row["place"]: bytes(row["raw"]) for row in rows.select(["place", "raw"]).to_pylist()}
    old, new = _Text(), _Text()
    for record in records:
        was, now = _Text.of(before.get(record["place"], b"")), _Text.of(bytes(record["raw"]))
        if source.format.name == "csv" and now.lines < was.lines and not fewer_lines:
            raise UsageError(
                f"{record_name(record['load_no'], record['place'])} holds {was}, to be replaced by {now}: "
                "the other lines may be records of their own, and would be lost",
                hint="send the file corrected, as a higher revision; or say by --fewer-lines that it is one record",
            )
        old, new = old + was, new + now
    return f"{old} replaced by {new}"


@dataclass(frozen=True, slots=True)
class _Text:
    """How much text it is, for a person."""

    lines: int = 0
    size: int = 0

    @classmethod
    def of(cls, raw: bytes) -> _Text:
        text = raw.rstrip(b"\r\n")
        return cls(count_line_ends(text) + 1, len(text))

    def __add__(self, other: _Text) -> _Text:
        return _Text(self.lines + other.lines, self.size + other.size)

    def __str__(self) -> str:
        return f"{self.lines} line{'s' * (self.lines != 1)} ({self.size} bytes)"


def _chunk(
    source: Source,
    raw: RawInput,
    delivery: Delivery,
    path: Path,
    records: Sequence[dict[str, Any]],
    outcome: Literal["mended", "retried"],
) -> RawChunk:
    """The records as one chunk, numbered by their places."""
    if numbered_by_place(source):
        raise UsageError(
            f"records of {source.name} are numbered by their place in the file, so they cannot be mended alone",
            hint="send the file corrected, as a higher revision; or, where the declaration was at fault and is mended, "
            f"judge it anew: `trivium replay APP {source.name} {delivery.name}`",
        )
    raws = [bytes(record["raw"]) for record in records]

    def columns() -> Sequence[str]:
        with opened(delivery, raw, path) as stream:
            names: Sequence[str] = next(iter(chunks(source, stream))).table.column_names
            return names

    unfit = _unfit(source, records) if outcome == "retried" else {}
    try:
        return read_again(source.format, raws, columns, unfit=unfit)
    except NotOneRecordError as error:
        record = records[error.number]
        raise UsageError(
            f"{record_name(record['load_no'], record['place'])} is to be one record: {error.message}"
        ) from error


_CUT = "only its beginning was kept, for it is too long; mend it whole, or send its file corrected"


def _unfit(source: Source, records: Sequence[dict[str, Any]]) -> Unfit:
    """Records that nothing can be made of as they are: those of which only the beginning was kept, and the bytes of a
    file in another encoding that has them not, which are no UTF-8 and could be taken for it."""
    other = getattr(source.format, "encoding", UTF8) != UTF8
    found: dict[int, tuple[str, str]] = {}
    for number, record in enumerate(records):
        messages = {reason["rule"]: reason["message"] for reason in json.loads(record["reasons"])}
        if "too_long" in messages:
            found[number] = ("too_long", _CUT)
        elif other and "encoding" in messages:
            found[number] = ("encoding", messages["encoding"])
    return found


def numbered_by_place(source: Source) -> bool:
    """Whether records of a source cannot be judged without those around them."""
    return any(route_reads_ordinals(source, index) for index in range(len(source.routes)))


def route_reads_ordinals(source: Source, index: int) -> bool:
    """Whether a route's values depend on a record's place among others."""
    route = source.routes[index]
    parts = (*route.columns.values(), route.when, route.delete, route.event_time, route.sequence)
    return any(part is not None and part.ordinals for part in parts)


def _at_places(verdict: Verdict, records: Sequence[dict[str, Any]]) -> Verdict:
    """The verdict with each record where it stood, instead of its place among those sent again (1, 2, 3 …)."""
    where = {
        "place": pa.array([record["place"] for record in records], pa.int64()),
        "line": pa.array([record["line"] for record in records], pa.int64()),
        "byte_offset": pa.array([record["byte_offset"] for record in records], pa.int64()),
    }

    def moved(table: pa.Table, place: str, **columns: str) -> pa.Table:
        if table.num_rows == 0 or place not in table.column_names:
            return table
        number = pc.subtract(table[place], 1)
        for column, which in {place: "place", **columns}.items():
            at = table.schema.get_field_index(column)
            table = table.set_column(at, table.schema.field(at), pc.take(where[which], number))
        return table

    rejected = verdict.rejected
    if rejected is not None:
        rejected = moved(rejected, "place", line="line", byte_offset="byte_offset")
    return dataclasses.replace(
        verdict,
        statements={name: moved(table, "_place") for name, table in verdict.statements.items()},
        assertions={name: moved(table, "_place") for name, table in verdict.assertions.items()},
        mentions={name: moved(table, "_place") for name, table in verdict.mentions.items()},
        rejected=rejected,
    )
