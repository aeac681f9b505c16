"""Whether a store says what the reference says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from tests.reference import Key, Record, World, digest, export, fold, live_loads
from tests.reference.death import covers, ends, is_held_back, mentions
from tests.reference.fold import in_time, rank, survivors
from tests.reference.live import live_part
from tests.worlds.twin import Twin
from trivium.engine.canonical import lines
from trivium.ports import NOW, Alone, Choice, Moment, Order, Place


def check_moment(twin: Twin, moment: Moment = NOW, keys: Iterable[Key] = ()) -> None:
    """All records at a moment, to the byte; and those of `keys` once more, each looked up by itself."""
    records = fold(twin.world, twin.spec, moment.as_of, moment.commit, moment.policy)
    batches = list(twin.store.reader.records("thing", moment, ordered=True))
    assert b"".join(lines(twin.shape, batches)) == export(records, twin.spec)
    told = b"".join(lines(twin.shape, batches, incomplete=True))
    assert told == export(records, twin.spec, incomplete=True)
    rows = [row for batch in batches for row in batch.to_pylist()]
    by_key = {key_of(twin, row): row for row in rows}
    standing = {key: (row["_alive"], row["_lacks"], row["_stamp"]) for key, row in by_key.items()}
    assert standing == {
        key: (record.alive, ",".join(record.lacks), stamp_of(twin, key, moment)) for key, record in records.items()
    }
    assert len(by_key) == len(rows)
    for key in keys:
        looked_up = twin.store.reader.records("thing", moment, key=key)
        found = [row for batch in looked_up for row in batch.to_pylist()]
        assert found == ([by_key[key]] if key in by_key else [])


def check_pages(twin: Twin, moment: Moment, most: int, *, down: bool) -> None:
    """The same records page by page, in the order of the key or from its end."""
    rows = [row for batch in twin.store.reader.records("thing", moment, ordered=True) for row in batch.to_pylist()]
    expected = rows[::-1] if down else rows
    order = tuple(Order(key.name, down=True) for key in twin.shape.keys) if down else ()
    assert list(pages(twin, Choice(order=order, incomplete=True, gone=True), moment, most)) == expected
    complete = [row for row in expected if row["_alive"] and not row["_lacks"]]
    assert list(pages(twin, Choice(order=order), moment, most + 3)) == complete


def pages(twin: Twin, choice: Choice, moment: Moment, most: int) -> Iterator[dict[str, Any]]:
    """The records of a choice, page by page."""
    while True:
        batches = twin.store.reader.chosen("thing", replace(choice, most=most), moment)
        rows = [row for batch in batches for row in batch.to_pylist()]
        assert len(rows) <= most
        yield from rows
        if len(rows) < most:
            return
        choice = replace(choice, after=choice.position(twin.shape, rows[-1]))


def check_changed(twin: Twin, after: int, most: int) -> None:
    """Every key whose record changed since a commit is told of with a later one, in order, page by page; and the
    records of many keys at once are those of each."""
    then, now = fold(twin.world, twin.spec, commit=after), fold(twin.world, twin.spec)
    changed = {key for key in keys_of(twin.world) if shown(then.get(key)) != shown(now.get(key))}
    for begin in {0, after}:
        found: list[tuple[int, Key]] = []
        at: Place = (begin, None)
        while True:
            table, at = twin.store.reader.changed("thing", *at, most=most)
            assert table.num_rows <= most
            page = [(row["_commit"], key_of(twin, row)) for row in table.to_pylist()]
            check_those(twin, table, [key for _, key in page])
            found += page
            if not table.num_rows:
                break
        assert at == (twin.ledger.commit, None)
        assert found == sorted(found, key=lambda one: (one[0], order_of(one[1])))
        standing = [key for _, key in found if now.get(key) is not None]  # of what is gone it may be told again
        assert len(set(standing)) == len(standing)
        assert changed <= {key for commit, key in found if commit > after}


def check_those(twin: Twin, page: pa.Table, keys: Sequence[Key]) -> None:
    """The keys of a page are different, and their records are those of each."""
    now = fold(twin.world, twin.spec)
    assert len(set(keys)) == len(keys)
    rows = twin.store.reader.those("thing", page.select([key.name for key in twin.shape.keys])).to_pylist()
    assert [key_of(twin, row) for row in rows] == list(keys)
    assert [row["_alive"] for row in rows] == [key in now and now[key].alive for key in keys]


def order_of(key: Key) -> tuple[Any, ...]:
    """As stores order keys: texts by their bytes."""
    return tuple(part.encode() if isinstance(part, str) else part for part in key)


def check_alone(twin: Twin, who: Alone, as_of: int | None = None) -> None:
    """What one source makes of the records by itself, and where each winner is from."""
    of = {load.number: load for load in twin.world.loads if who.delivery in (None, load.delivery)}
    mine = {number for number, load in of.items() if load.source == who.source}
    world = replace(
        twin.world,
        loads=tuple(load for number, load in of.items() if number in mine),
        statements=tuple(one for one in twin.world.statements if one.load in mine),
        assertions=tuple(one for one in twin.world.assertions if one.load in mine),
        rejected=tuple(one for one in twin.world.rejected if one.load in mine),
    )
    records = fold(world, twin.spec, as_of)
    batches = list(twin.store.reader.alone("thing", who, as_of=as_of))
    whole = pa.Table.from_batches(batches) if batches else None
    ordered = whole.sort_by([(key.name, "ascending") for key in twin.shape.keys]).to_batches() if whole else []
    assert b"".join(lines(twin.shape, ordered, incomplete=True)) == export(records, twin.spec, incomplete=True)
    rows = {key_of(twin, row): row for batch in batches for row in batch.to_pylist()}
    assert {key: row["_alive"] for key, row in rows.items()} == {key: one.alive for key, one in records.items()}
    readings = {row["reading_no"]: row["delivery"] for row in twin.store.control.deliveries(who.source).to_pylist()}
    for key, row in rows.items():
        for group in twin.shape.groups:
            won = records[key].winners.get(group.name)
            told = (readings.get(row[f"{group.name}__reading"]), row[f"{group.name}__place"])
            assert told == ((None, None) if won is None else (won.delivery, won.place))


def stamp_of(twin: Twin, key: Key, moment: Moment) -> int | None:
    """The stamp of the greatest living statement of a key that is alive."""
    spec = replace(twin.spec, policy=moment.policy or twin.spec.policy)
    live = live_part(twin.world, moment.commit)
    said = [one for one in live.statements if one.key == key and in_time(one, moment.as_of)]
    asserted = [one for one in live.assertions if in_time(one, moment.as_of)]
    living = survivors(live, spec, said, [one for one in asserted if ends(live, spec, one, key)])
    return max((rank(live, spec.policy, one)[0] for one in living), default=None)


def check_touched(twin: Twin, after: int) -> None:
    """No key whose record changed since a commit is left out."""
    then, now = fold(twin.world, twin.spec, commit=after), fold(twin.world, twin.spec)
    changed = {key for key in keys_of(twin.world) if shown(then.get(key)) != shown(now.get(key))}
    table, commit = twin.store.reader.touched("thing", after)
    told = {key_of(twin, row) for row in table.to_pylist()}
    assert commit == twin.ledger.commit
    assert changed <= told
    assert table.num_rows == len(told)


def check_ties(twin: Twin) -> None:
    """How many ranks of each record are tied, and who holds at each."""
    found = twin.store.reader.ties("thing", most=10_000)
    counts = Counter(key_of(twin, row) for row in found.to_pylist())
    records = fold(twin.world, twin.spec)
    assert counts == Counter({key: record.ties for key, record in records.items() if record.ties})
    assert set(found["total"].to_pylist()) <= {found.num_rows}
    few = twin.store.reader.ties("thing", most=1)
    assert few.num_rows == min(1, found.num_rows)
    assert few.to_pylist() == found.slice(0, 1).to_pylist()


def check_about(twin: Twin, key: Key) -> None:
    """Every statement about a key and every assertion that covers it, with their standing."""
    world, live = twin.world, live_loads(twin.world)
    expected = Counter(
        (
            *origin(world, one.load),
            one.place,
            one.event_time,
            one.sequence,
            one.kind == "delete",
            digest(one, twin.spec),
            one.load in live,
        )
        for one in world.statements
        if one.key == key
    )
    statements = twin.store.reader.statements("thing", key)
    assert told(statements, "_place", "_at", "_seq", "_kind", "_digest", "live") == expected
    part = live_part(world)
    ends = Counter(
        (
            *origin(world, one.load),
            one.place,
            one.event_time,
            one.sequence,
            one.load in live,
            one.load in live and is_held_back(part, one),
            key in mentions(world, one),
        )
        for one in world.assertions
        if covers(twin.spec, one, key)
    )
    assertions = twin.store.reader.assertions("thing", key)
    assert told(assertions.to_pylist(), "_place", "_at", "_seq", "live", "held_back", "mentioned") == ends


def told(rows: pa.Table | list[dict[str, Any]], *columns: str) -> Counter[tuple[Any, ...]]:
    listed = rows if isinstance(rows, list) else rows.to_pylist()
    names = ("source", "delivery", "revision", "commit_no", *columns)
    return Counter(tuple(row[name] for name in names) for row in listed)


def origin(world: World, load: int) -> tuple[str, str, int, int | None]:
    of = world.load(load)
    return (of.source, of.delivery, of.revision, of.commit)


def shown(record: Record | None) -> object:
    """What a reader of the record sees."""
    return None if record is None else (record.alive, dict(record.values), record.lacks)


def keys_of(world: World) -> list[Key]:
    """Every key that was ever stated or named, each once."""
    named = [row.key for row in world.rejected if row.key is not None]
    return list(dict.fromkeys([*(one.key for one in world.statements), *named]))


def key_of(twin: Twin, row: dict[str, Any]) -> Key:
    return tuple(row[key.name] for key in twin.shape.keys)
