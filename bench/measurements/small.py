"""A backlog of small files, beside one file of the same lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench import inputs
from bench.report import Section, Target, ratio
from bench.running import Contestant, Runs, compare
from bench.scales import Scale
from tests.servers.postgres import Postgres

_MANY = 5_000
"""From so many files on each is loaded once."""
_HEADER = ("", "time", "rows/s", "files/s", "peak memory", "of one file's rate")
_HOW = (
    "dropped at once into the folder of `trivium run --once`, a process of its own, which loads, folds the master and "
    "moves each file away; what it takes where none lie there (start and end) is subtracted. Beside one file of the "
    "same lines."
)


def measure(scale: Scale) -> Section:
    """Into DuckDB; from a source that asserts nothing, and from one whose files are complete."""
    count = scale.small_files
    found = _compared(count, scale, ("plain", "asserting"))
    return Section(
        "Small files",
        f"{count:,} files of {inputs.LINES_A_FILE} lines, each a store's day, {_HOW} DuckDB.",
        _HEADER,
        _rows(count, found),
        [
            Target(f"{count:,} small files, beside one file's rows/s", ratio(found[1], found[0]), "at least", 0.3),
            Target("the same, every file asserts to be complete", ratio(found[3], found[2]), "at least", 0.3),
        ],
    )


def measure_postgres(scale: Scale) -> Section:
    """Into PostgreSQL."""
    count = scale.postgres_small_files
    with Postgres() as server:
        found = _compared(count, scale, ("plain",), postgres=server.url_c)
    return Section(
        "Small files, PostgreSQL",
        f"{count:,} files of {inputs.LINES_A_FILE} lines, each a store's day, {_HOW} A PostgreSQL 18 with its own "
        "settings, on the same machine. Peak memory is the client's.",
        _HEADER,
        _rows(count, found),
        [
            Target(
                f"{count:,} small files into PostgreSQL, beside one file's rows/s",
                ratio(found[1], found[0]), "at least", 0.3,
            )
        ],
    )  # fmt: skip


def _compared(count: int, scale: Scale, domains: Sequence[str], **more: Any) -> list[Runs]:
    """Of each domain the small files, then the large one."""
    small, large = str(inputs.small_files(count)), str(inputs.large_file(count))
    words = {"plain": "", "asserting": ", each complete for its store and day"}
    contestants = []
    for domain in domains:
        for what, files in ((f"{count:,} files", small), ("one file", large)):
            arguments = {"files": files, "domain": domain, **more}
            contestants.append(Contestant(what + words[domain], "arrivals", arguments))
    return compare(contestants, scale.repeats if count < _MANY else 1)


def _rows(count: int, found: Sequence[Runs]) -> list[list[str]]:
    rows, table = count * inputs.LINES_A_FILE, []
    for number, one in enumerate(found):
        seconds, files = one.median("seconds"), one.median("files")
        large = found[number | 1]
        table.append(
            [
                one.contestant.name,
                f"{seconds:.2f} s",
                f"{rows / seconds:,.0f}",
                "" if one is large else f"{files / seconds:,.0f}",
                f"{one.median('peak_mb'):,.0f} MB",
                "" if one is large else f"{ratio(large, one):.2f}×",
            ]
        )
    return table
