"""Bytewax: events of a topic, parsed and typed, into a DuckDB table by their key; the last one wins."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bytewax.operators as op
import duckdb
import pyarrow as pa
from bytewax.connectors.kafka import KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.testing import run_main

from bench.kinds import TYPES


class _Part(StatelessSinkPartition[Any]):  # type: ignore[misc, unused-ignore]  # unknown where it is not installed
    """Writes each batch in a transaction of its own, columnar: row by row it would take a hundred times as long."""

    def __init__(self, sink: _Sink) -> None:
        self._sink = sink

    def write_batch(self, items: Sequence[Any]) -> None:
        """A batch of records."""
        self._sink.write(pa.Table.from_pylist(list(items)))


class _Sink(DynamicSink[Any]):  # type: ignore[misc, unused-ignore]
    def __init__(self, file: Path) -> None:
        self.connection = duckdb.connect(str(file))
        columns = ", ".join(f"{name} {kind}" for name, kind in TYPES.items())
        self.connection.execute(f"CREATE TABLE sale ({columns}, PRIMARY KEY (business_date, store_id, receipt, line))")

    def build(self, step_id: str, worker_index: int, worker_count: int) -> _Part:
        """One, for there is one worker."""
        return _Part(self)

    def write(self, rows: pa.Table) -> None:
        """Inserts or replaces."""
        self.connection.register("batch", rows)
        names = ", ".join(TYPES)
        self.connection.execute(f"INSERT OR REPLACE INTO sale ({names}) SELECT {names} FROM batch")


def flow(servers: list[str], topic: str, file: Path, together: int) -> tuple[Dataflow, _Sink]:
    """A topic into a file."""
    sink = _Sink(file)
    made = Dataflow("peer")
    source: Any = KafkaSource(servers, [topic], tail=False, batch_size=together)
    records = op.map("parse", op.input("in", made, source), lambda message: json.loads(message.value))
    op.output("out", records, sink)
    return made, sink


def run(made: tuple[Dataflow, _Sink]) -> int:
    """Runs it to the end of the topic; the rows that are there then."""
    dataflow, sink = made
    run_main(dataflow)  # type: ignore[no-untyped-call, unused-ignore]  # untyped where it is installed
    row = sink.connection.execute("SELECT count(*) FROM sale").fetchone()
    sink.connection.close()
    return int(row[0]) if row else 0
