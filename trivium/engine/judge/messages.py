"""The judge of messages: their values are records, and what comes with a value can be read by expressions too."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trivium.engine.judge.handfuls import HandfulJudge
from trivium.engine.judge.ordinals import expressions_of
from trivium.engine.judge.parts import Judged
from trivium.engine.judge.session import Session
from trivium.engine.law.statements import text
from trivium.engine.verdict import Account, Verdict
from trivium.model.domain import Domain
from trivium.model.expressions import parse
from trivium.model.source import Route, Source

_PREFIX: Final = "message."
_HEADER: Final = "message.headers."
_AT: Final = "strftime(make_timestamp(m_timestamp), '%Y-%m-%dT%H:%M:%S.%fZ')"
_CAPTURED: Final = {
    "message.key": "m_key",
    "message.timestamp": _AT,
    "message.topic": "m_topic",
    "message.partition": "m_partition::VARCHAR",
    "message.offset": "m_offset::VARCHAR",
}
_BESIDE: Final = ("m_key", "m_timestamp", "m_topic", "m_partition", "m_offset", "m_headers")


class MessageJudge:
    """Judges the messages of `source`, each by itself. A message without a value is a delete: of the keys of all that
    the source states but by lists, which its key gives, as of its timestamp. Belongs to one thread at a time.

    Where the key is a JSON object, its members are what the value would have, or stand for what is called the same in
    it (`id` for `after.id`); else it is the one part of the entity's key.
    """

    def __init__(self, domain: Domain, source: Source) -> None:
        self._session = Session()
        captured = dict(_CAPTURED) | {
            name: f"json_extract_string(m_headers, {text(_path(name.removeprefix(_HEADER)))})"
            for expression in expressions_of(source)
            for name in expression.columns
            if name.startswith(_HEADER)
        }
        read = any(name.startswith(_PREFIX) for expression in expressions_of(source) for name in expression.columns)
        self._captured = read
        self._values = HandfulJudge(
            domain, source, captured=captured if read else {}, beside=_BESIDE if read else (), session=self._session
        )
        deleting = _deleting(source)
        self._record = _keyed(source)
        self._deletes = (
            None
            if deleting is None
            else HandfulJudge(domain, deleting, captured=captured, beside=_BESIDE, session=self._session)
        )

    def judge(self, table: Any, part: Any, *, topics: Any, partitions: Any, count: int, arrived_at: int) -> Judged:
        """The verdict on messages (of the columns of `ports.MESSAGES`): which of `count` deliveries each is of (`part`,
        a numpy array); `topics` and `partitions` of these deliveries. Places are offsets."""
        told = _Told(table, part, topics, partitions)
        nothing = table["value"].null_count
        if not nothing or self._deletes is None:
            # a value that is not there and deletes nothing is no record
            return self._judge_values(told, count, arrived_at)
        there = pc.is_valid(table["value"])
        values = self._judge_values(told.only(there), count, arrived_at)
        deletes = told.only(pc.invert(there))
        records = self._keyed(deletes.table["key"])
        judged = self._deletes.judge(
            records, deletes.part, deletes.offsets, count=count, arrived_at=arrived_at, beside=deletes.beside()
        )
        return _both(values, judged)

    def close(self) -> None:
        """Lets go of what the judge holds. Idempotent."""
        self._session.close()

    def __enter__(self) -> MessageJudge:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _judge_values(self, told: _Told, count: int, arrived_at: int) -> Judged:
        values = told.table["value"].combine_chunks()
        if values.null_count:
            values = values.fill_null(b"null")
        beside = told.beside() if self._captured else None
        return self._values.judge(values, told.part, told.offsets, count=count, arrived_at=arrived_at, beside=beside)

    def _keyed(self, keys: Any) -> Any:
        """The records that stand for messages without a value: what their keys say."""
        self._session.show("message_keys", pa.table({"key": _texts(keys.combine_chunks())}))
        found = self._session.arrow(f"SELECT encode(({self._record})::VARCHAR) AS record FROM message_keys")
        return found["record"].combine_chunks().cast(pa.binary())


@dataclasses.dataclass(frozen=True, eq=False)
class _Told:
    """Messages, and what comes with them."""

    table: Any
    part: Any
    topics: Any
    partitions: Any

    @property
    def offsets(self) -> Any:
        return self.table["offset"].to_numpy()

    def only(self, kept: Any) -> _Told:
        """Those for which it holds."""
        mask = kept.combine_chunks() if isinstance(kept, pa.ChunkedArray) else kept
        part = self.part[mask.to_numpy(zero_copy_only=False)]
        return _Told(self.table.filter(mask), part, self.topics, self.partitions)

    def beside(self) -> dict[str, Any]:
        """The columns that expressions read."""
        part = pa.array(self.part)
        return {
            "m_key": _texts(self.table["key"].combine_chunks()),
            "m_timestamp": self.table["timestamp"].combine_chunks(),
            "m_topic": self.topics.take(part),
            "m_partition": self.partitions.take(part),
            "m_offset": self.table["offset"].combine_chunks(),
            "m_headers": self.table["headers"].combine_chunks(),
        }


def _deleting(source: Source) -> Source | None:
    """The source as it reads messages without a value; None where they say nothing, for every entity is in a list."""
    always, at = parse("true", source.where, exact=True), parse("message.timestamp", source.where, exact=True)
    routes = tuple(
        Route(route.shape, _key_columns(route), (), None, (), None, always, None, None)
        for route in source.routes
        if route.each is None
    )
    if not routes:
        return None
    return dataclasses.replace(source, routes=routes, event_time=at, sequence=None, ignore=None)


def _key_columns(route: Route) -> dict[str, Any]:
    keys = {key.name for key in route.shape.keys}
    return {name: expression for name, expression in route.columns.items() if name in keys}


def _keyed(source: Source) -> str:
    """SQL of the record that a message's `key` stands for, as JSON. A key that is no object and no whole key of an
    entity is kept under `key`, so that people who look at what was rejected see it."""
    keys = [(route, key) for route in source.routes if route.each is None for key in route.shape.keys]
    paths = dict.fromkeys(path for route, key in keys for path in _read(route, key.name, key.path))
    single = dict.fromkeys(
        path for route, key in keys if len(route.shape.keys) == 1 for path in _read(route, key.name, key.path)
    )
    member = "json_extract(key, '$.\"' || {last} || '\"')"
    of_object = f"json_merge_patch({_tree(list(paths), member)}, key::JSON)"
    of_text = _tree(list(single), "to_json(key)") if single else "json_object('key', key)"
    return f"CASE WHEN json_valid(key) AND json_type(key) = 'OBJECT' THEN {of_object} ELSE {of_text} END"


def _read(route: Route, name: str, path: str) -> list[str]:
    """The members of a record that a part of the key is read from."""
    expression = route.columns.get(name)
    found = [path] if expression is None else list(expression.columns)
    return [one for one in found if not one.startswith(_PREFIX)]


def _tree(paths: Sequence[str], leaf: str) -> str:
    """A JSON object that has these members; `leaf` is SQL of their values, in which `{last}` is the last name of each
    as a text."""
    inner: dict[str, list[str]] = {}
    for path in paths:
        first, _, rest = path.partition(".")
        inner.setdefault(first, []).append(rest)
    members = []
    for first, rests in inner.items():
        deeper = [rest for rest in rests if rest]
        if deeper:
            members.append(f"{text(first)}, {_tree(deeper, leaf)}")
        else:
            members.append(f"{text(first)}, {leaf.replace('{last}', text(first))}")
    return f"json_object({', '.join(members)})"


def _path(header: str) -> str:
    return '$."' + header.replace('"', "") + '"'


def _texts(values: Any) -> Any:
    """Bytes as texts; null where they are none."""
    try:
        return values.cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array([_text(value) for value in values.to_pylist()], pa.string())


def _text(value: bytes | None) -> str | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return None


def _both(one: Judged, other: Judged) -> Judged:
    """Two verdicts on different records of the same deliveries."""

    def tables(pairs: Sequence[dict[str, pa.Table]]) -> dict[str, pa.Table]:
        names = dict.fromkeys(name for pair in pairs for name in pair)
        return {name: pa.concat_tables([pair[name] for pair in pairs if name in pair]) for name in names}

    a, b = one.verdict, other.verdict
    rejected = [table for table in (a.rejected, b.rejected) if table is not None]
    verdict = Verdict(
        a.account + b.account,
        tables([a.statements, b.statements]),
        tables([a.assertions, b.assertions]),
        tables([a.mentions, b.mentions]),
        pa.concat_tables(rejected) if rejected else None,
    )
    accounts = [Account() + x + y for x, y in zip(one.accounts, other.accounts, strict=True)]
    return Judged(verdict, accounts, one.totals, None)


def columns_of(deliveries: Sequence[tuple[str, int]]) -> tuple[Any, Any]:
    """The topics and partitions of deliveries, as `judge` takes them."""
    topics = pa.array([topic for topic, _ in deliveries], pa.string())
    return topics, pa.array(np.array([partition for _, partition in deliveries], dtype=np.int64))
