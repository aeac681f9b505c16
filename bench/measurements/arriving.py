"""Files that arrive in a folder, beside dlt's filesystem source."""

from __future__ import annotations

import importlib.util

from bench import inputs
from bench.report import Section
from bench.running import Contestant, Runs, compare
from bench.scales import Scale

_MANY = 5_000
"""From so many files on each is loaded once."""
_SPREAD = 0.05
"""Seconds."""
_TITLE = "Files of a folder, beside dlt"
_HEADER = (
    "", "time", "rows/s", "peak memory", "nothing new", "one new file",
    "Trivium's load is", "nothing new", "one new file",
)  # fmt: skip


def measure(scale: Scale) -> Section:
    """We and dlt, small files and one large one."""
    if importlib.util.find_spec("dlt") is None:
        return Section(_TITLE, "Skipped: dlt is not installed.", _HEADER, [])
    count = scale.peer_small_files
    small, large = str(inputs.small_files(count)), str(inputs.large_file(count))
    ours: dict[str, object] = {"outcome": "leave", "again": True}
    repeats = scale.repeats if count < _MANY else 1
    table = []
    for what, files in ((f"{count:,} files", small), ("one file", large)):
        found = compare(
            [
                Contestant(f"Trivium, {what}", "arrivals", {"files": files, **ours}),
                Contestant(f"dlt, {what}", "peer_arrivals", {"files": files, "again": True}),
            ],
            repeats,
        )
        table += [_row(count * inputs.LINES_A_FILE, one, found[0]) for one in found]
    return Section(
        _TITLE,
        f"{count:,} files of {inputs.LINES_A_FILE} lines each, and the same lines as one file, from a folder to one "
        "record a key in a new DuckDB file; then a run that finds nothing new, and one that finds a file of one line, "
        "with the others still lying there. `trivium run --once` in a process of its own, less what it takes where no "
        "file lies; dlt in a process that has imported it, by `filesystem` (new by time of modification), "
        "`read_csv_duckdb` into Arrow batches of the declared types, and merge by the key, delete-insert. dlt notices "
        "when somebody runs it; how soon `trivium run` does is in *Time to notice*.",
        _HEADER,
        table,
    )


def _row(rows: int, one: Runs, ours: Runs) -> list[str]:
    times = {figure: one.median(figure) for figure in ("seconds", "nothing", "one")}
    return [
        one.contestant.name,
        f"{times['seconds']:.2f} s",
        f"{rows / times['seconds']:,.0f}",
        f"{one.median('peak_mb'):,.0f} MB",
        f"{times['nothing']:.2f} s",
        f"{times['one']:.2f} s",
        *("" if one is ours else _ratio(times[figure], ours.median(figure)) for figure in times),
    ]


def _ratio(theirs: float, ours: float) -> str:
    """How many times as fast we are; less than the spread of a start, which is subtracted, says nothing."""
    return f"{theirs / ours:.2f}×" if ours > _SPREAD else "start alone"
