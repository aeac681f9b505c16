"""Quarantined records sent again: as they are, or mended. They keep their delivery, event time and origin."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from trivium.channels.batch import abandoned_on_failure, chunks, file_name, microseconds
from trivium.channels.raw import opened
from trivium.engine.judge import Judge
from trivium.engine.reading import CHUNK_BYTES, RawChunk, read_csv, read_json
from trivium.errors import UsageError
from trivium.model.domain import Domain
from trivium.model.source import Source
from trivium.ports import Account, Delivery, Mend, Published, RawInput, Store, Verdict


@dataclass(frozen=True, slots=True)
class Retried:
    """What became of records judged again: those that are rejected still have an entry of their own."""

    accepted: int
    rejected: int
    published: Published


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
) -> Retried:
    """Judges quarantined records (rows of `Control.quarantine`, all of one load) by today's declaration.

    For a mended record `raw` in its row is the new bytes. One commit; what is accepted counts as part of the
    delivery it came in, at the place it had.
    """
    first = records[0]
    path = Path(first["file"])
    name = file_name(source, path)
    delivery = Delivery(
        source.name, first["delivery"], first["revision"], first["digest"], first["file"], 0, now,
        archived=first["archived"],
    )  # fmt: skip
    judge = Judge(domain, source, arrived_at=microseconds(now), captured=name.captured)
    load = store.history.open(source.name)
    with closing(judge), abandoned_on_failure(load):
        verdict = judge.judge(_chunk(source, raw, delivery, path, records))
        load.append(_at_places(verdict, records))
        account = Account(
            0,
            verdict.account.accepted,
            verdict.account.rejected - len(records),
            verdict.account.ignored,
        )
        mend = Mend(first["load_no"], tuple(record["place"] for record in records), outcome, by)
        published = load.publish_mend(mend, account)
    return Retried(verdict.account.accepted, verdict.account.rejected, published)


def _chunk(
    source: Source, raw: RawInput, delivery: Delivery, path: Path, records: Sequence[dict[str, Any]]
) -> RawChunk:
    """The records as one chunk, each under the line it had."""
    if any(route_reads_ordinals(source, index) for index in range(len(source.routes))):
        raise UsageError(
            f"records of {source.name} are numbered by their place in the file, so they cannot be mended alone",
            hint="send the file corrected, as a higher revision",
        )
    body = b"\n".join(bytes(record["raw"]) for record in records) + b"\n"
    whole = max(len(body) + 1, CHUNK_BYTES)  # one chunk, however much was rejected
    if source.format == "ndjson":
        found = list(read_json(io.BytesIO(body), chunk_bytes=whole))
    else:
        with opened(delivery, raw, path) as stream:
            columns = next(iter(chunks(source, stream))).table.column_names
        found = list(
            read_csv(
                io.BytesIO(body),
                separator=source.separator,
                quote=source.quote,
                columns=columns,
                chunk_bytes=whole,
            )
        )
    received = sum(chunk.received for chunk in found)
    if received != len(records) or len(found) != 1:
        raise UsageError(
            f"{len(records)} records were to be sent again, but the text holds {received}",
            hint="a mended record is one record, as a line of its file",
        )
    return found[0]


def route_reads_ordinals(source: Source, index: int) -> bool:
    """Whether a route's values depend on a record's place among others."""
    route = source.routes[index]
    parts = (*route.columns.values(), route.when, route.delete, route.event_time, route.sequence)
    return any(part is not None and part.ordinals for part in parts)


def _at_places(verdict: Verdict, records: Sequence[dict[str, Any]]) -> Verdict:
    """The verdict with each record at its old place instead of its place among those sent again."""
    lines: list[int] = []
    line = 1
    for record in records:
        lines.append(line)
        line += 1 + bytes(record["raw"]).count(b"\n")
    places = pa.array([record["place"] for record in records], pa.int64())

    def moved(table: pa.Table, column: str) -> pa.Table:
        if table.num_rows == 0 or column not in table.column_names:
            return table
        index = pc.index_in(table[column], pa.array(lines, pa.int64()))
        return table.set_column(table.schema.get_field_index(column), column, pc.take(places, index))

    rejected = verdict.rejected
    if rejected is not None and rejected.num_rows:
        rejected = moved(moved(rejected, "place"), "line")
    return dataclasses.replace(
        verdict,
        statements={name: moved(table, "_place") for name, table in verdict.statements.items()},
        assertions={name: moved(table, "_place") for name, table in verdict.assertions.items()},
        mentions={name: moved(table, "_place") for name, table in verdict.mentions.items()},
        rejected=rejected,
    )
