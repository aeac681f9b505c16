"""After each delivery of a source that reconciles: what the file says and the other source did not, and the reverse."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from trivium.engine.delivery import has_rows
from trivium.engine.places import line_of, place_text
from trivium.engine.plain import instant_text
from trivium.engine.reconciling.comparison import MOST, Compared, Comparison, compared_groups
from trivium.engine.reconciling.within import within_sql
from trivium.engine.rows import stored
from trivium.errors import StoreError, UsageError
from trivium.model.calendar import business_date
from trivium.model.entity import EntityShape
from trivium.model.source import Source
from trivium.ports import Alone, Reconciliation
from trivium.service.opening import Opened

Row = dict[str, Any]
"""A row of `Control.deliveries`."""


def due(opened: Opened) -> list[tuple[Source, Row]]:
    """The readings that count and were not compared yet, or of which records were mended since; the latest first."""
    found = []
    for source in opened.domain.sources:
        if source.reconciles is not None:
            known = {one.reading_no: one for one in opened.store.control.reconciliations(source.name)}
            found += [(source, row) for row in counting(opened, source) if _is_due(source, row, known)]
    return sorted(found, key=lambda one: -int(one[1]["reading_no"]))


def counting(opened: Opened, source: Source, delivery: str | None = None) -> list[Row]:
    """The readings of a source that count and have rows of their own."""
    rows = opened.store.control.deliveries(source.name, delivery)
    found: list[Row] = rows.filter(pc.equal(rows["state"], pa.scalar("counts"))).to_pylist()
    return [row for row in found if has_rows(row["kind"])]


def _is_due(source: Source, row: Row, known: Mapping[int, Reconciliation]) -> bool:
    kept = known.get(row["reading_no"])
    assert source.reconciles is not None
    return kept is None or (kept.accepted, kept.against) != (row["accepted"], source.reconciles.source)


def reconcile(opened: Opened, source: Source, row: Row, *, now: dt.datetime) -> Reconciliation:
    """Compares a reading with what the other source said up to its time, and keeps what came of it in the place of what
    was kept before. Repeating it does no harm; killed, it has done nothing."""
    assert source.reconciles is not None
    other = opened.domain.source(source.reconciles.source)
    captured = (source.files.values(row["delivery"]) if source.files else None) or {}
    until = _cut_off(source, captured)
    summaries, differences = [], []
    states = {route.shape.name for route in other.routes}
    for shape in {route.shape.name: route.shape for route in source.routes if route.shape.name in states}.values():
        as_of, compared = _compare(opened, source, other, row, shape, captured, until)
        summaries.append(compared.summary | {"as_of": None if as_of is None else instant_text(as_of)})
        differences += compared.differences
    summary = {"revision": row["revision"], "entities": summaries, "most": MOST, "rejected": row["rejected"]}
    kept = Reconciliation(
        row["reading_no"], source.name, row["delivery"], other.name, row["accepted"], now,
        json.dumps(summary, ensure_ascii=False), json.dumps(_with_origins(opened, differences), ensure_ascii=False),
    )  # fmt: skip
    opened.store.control.keep_reconciliation(kept)
    return kept


def reconciled(
    opened: Opened, source: Source, delivery: str | None, *, again: bool, now: dt.datetime
) -> Reconciliation | None:
    """What is kept of a delivery, or of the last one; compared now where it is due, or `again`. None where no reading
    of it counts. Raises UsageError where there is no such delivery."""
    rows = counting(opened, source, delivery)
    if not rows:
        if delivery is not None and not opened.store.control.deliveries(source.name, delivery).num_rows:
            raise UsageError(
                f"{source.name} has no delivery {delivery!r}", hint="`trivium deliveries APP list` shows their names"
            )
        return None
    row = max(rows, key=lambda one: int(one["reading_no"]))
    known = {one.reading_no: one for one in opened.store.control.reconciliations(source.name, row["delivery"])}
    if again or _is_due(source, row, known):
        return reconcile(opened, source, row, now=now)
    return known[row["reading_no"]]


def told_since(opened: Opened, one: Reconciliation) -> bool:
    """Whether the other source has told something after they were compared."""
    last = pc.max(opened.store.control.deliveries(one.against)["arrived_at"]).as_py()
    return last is not None and last > stored(one.computed_at)


def agrees(one: Reconciliation) -> bool:
    """Whether both sides say the same."""
    return not any(_figures(one).values())


def in_words(one: Reconciliation) -> str:
    """`reconciled with oms-events: 3 only in the file, 1 only there, 5 attributes differ`."""
    figures = _figures(one)
    if agrees(one):
        records = sum(entity["records"]["file"] for entity in json.loads(one.summary)["entities"])
        return f"reconciled with {one.against}: {records:,} record{'' if records == 1 else 's'}, no difference"
    attributes = "1 attribute differs" if figures["differs"] == 1 else f"{figures['differs']:,} attributes differ"
    told = f"{figures['only_in_file']:,} only in the file, {figures['only_there']:,} only there, {attributes}"
    return f"reconciled with {one.against}: {told}"


def _figures(one: Reconciliation) -> dict[str, int]:
    entities = json.loads(one.summary)["entities"]
    figures = {name: sum(entity[name] for entity in entities) for name in ("only_in_file", "only_there")}
    return figures | {"differs": sum(number for entity in entities for number in entity["attributes"].values())}


def _compare(
    opened: Opened,
    source: Source,
    other: Source,
    row: Row,
    shape: EntityShape,
    captured: Mapping[str, str],
    until: int | None,
) -> tuple[int | None, Compared]:
    assert source.reconciles is not None
    reader, groups = opened.store.reader, compared_groups(shape, source, other)
    asserted = source.asserts or any(route.asserts for route in source.routes if route.shape.name == shape.name)
    within = within_sql(source, shape, captured)
    try:
        with Comparison(shape, groups, source.reconciles.totals_of(shape), within) as comparison:
            comparison.take("file", reader.alone(shape.name, Alone(source.name, row["delivery"])))
            as_of = comparison.last_event_time() if until is None else until
            about = int(row["reading_no"]) if asserted else None
            comparison.take("other", reader.alone(shape.name, Alone(other.name), as_of=as_of, about=about))
            return as_of, comparison.compare()
    except duckdb.Error as error:
        raise StoreError(
            f"comparing {row['delivery']} of {source.name} with {other.name}: {error}", hint="nothing was kept"
        ) from error


def _cut_off(source: Source, captured: Mapping[str, str]) -> int | None:
    if source.cut_off is None:
        return None
    day = business_date(captured.get(source.cut_off.column, ""))
    return None if day is None else source.cut_off.instant(day)


def _with_origins(opened: Opened, differences: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The differences with delivery, revision, file and line where they have a reading and a place."""
    sides = [one[side] for one in differences for side in ("file", "other")]
    readings = sorted({side["where"][0] for side in sides if side is not None and side["where"] is not None})
    names = ["reading_no", "source", "delivery", "revision", "file"]
    rows = opened.store.control.deliveries(readings=readings).select(names).to_pylist()
    origins = {row.pop("reading_no"): row for row in rows}
    return [one | {side: _with_origin(origins, one[side]) for side in ("file", "other")} for one in differences]


def _with_origin(origins: Mapping[int, Row], said: dict[str, Any] | None) -> dict[str, Any] | None:
    if said is None or said["where"] is None:
        return None
    reading, place = said["where"]
    return {"value": said["value"], **origins[reading], "line": line_of(place), "place": place_text(place)}
