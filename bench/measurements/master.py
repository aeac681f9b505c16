"""CSV to the consolidated master."""

from __future__ import annotations

from bench import inputs
from bench.report import COMPARED, Section, Target, compared, ratio
from bench.running import Contestant, compare
from bench.scales import Scale
from tests.servers.postgres import Postgres


def measure(scale: Scale) -> Section:
    """We and dlt, into DuckDB."""
    file = str(inputs.sales(scale.rows))
    runs = compare(
        [
            Contestant("Trivium: load and consolidate", "ours", {"file": file, "consolidate": True}),
            Contestant("dlt: merge", "peer", {"file": file, "how": "merge"}),
        ],
        scale.repeats,
    )
    ours, peer = runs
    return Section(
        "CSV to master, DuckDB",
        f"{scale.rows:,} sales lines into a new DuckDB file, to one record a key. dlt by its fastest merge strategy.",
        COMPARED,
        compared(runs, scale.rows, ours),
        [Target("CSV to master, beside dlt's merge into DuckDB", ratio(peer, ours), "at least", 1.5)],
    )


def measure_postgres(scale: Scale) -> Section:
    """We and dlt, into one PostgreSQL server."""
    rows = scale.postgres_rows
    file = str(inputs.sales(rows))
    with Postgres() as server:
        runs = compare(
            [
                Contestant(
                    "Trivium: load and consolidate",
                    "ours",
                    {"file": file, "consolidate": True, "postgres": server.url_c},
                ),
                Contestant(
                    "dlt: merge, as it comes",
                    "peer",
                    {"file": file, "how": "merge", "postgres": server.url_c, "tuned": False},
                ),
                Contestant("dlt: merge, tuned", "peer", {"file": file, "how": "merge", "postgres": server.url_c}),
            ],
            scale.repeats,
        )
    ours, peer, tuned = runs
    return Section(
        "CSV to master, PostgreSQL",
        f"{rows:,} sales lines into a PostgreSQL 18 with its own settings, on the same machine. dlt as it comes, and "
        "by the fastest of its ways that was found: Parquet by ADBC, and upsert, into a table without an index. "
        "Trivium's history and master have an index over the key. Peak memory is the client's.",
        COMPARED,
        compared(runs, rows, ours),
        [
            Target("CSV to master, beside dlt's merge into PostgreSQL", ratio(peer, ours), "at least", 2),
            Target("the same, dlt tuned", ratio(tuned, ours), "at least", 2),
        ],
    )
