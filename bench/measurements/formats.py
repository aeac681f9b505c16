"""Every format: read, and judged into history."""

from __future__ import annotations

from bench.kinds import KINDS, Kind
from bench.report import Section, ratio
from bench.running import Contestant, Runs, compare
from bench.scales import Scale


def measure(scale: Scale) -> Section:
    """The same lines in every format, beside who reads it and does nothing else."""
    rows = []
    for name, kind in KINDS.items():
        count = scale.sheet_lines if name == "excel" else scale.lines
        if kind.missing:
            rows.append([kind.label, *[""] * 3, kind.missing, "", ""])
            continue
        file = str(kind.file(count))
        runs = compare(
            [
                Contestant(f"{kind.label}, texts", "texts", {"file": file, "kind": name}),
                Contestant(f"{kind.label}, history", "ours", {"file": file, "consolidate": False, "domain": name}),
                *([Contestant(f"{kind.label}, DuckDB", "plain", {"file": file, "kind": name})] * bool(kind.plain)),
                *(Contestant(f"{kind.label}, {one}", "alone", {"file": file, "library": one}) for one in kind.alone),
            ],
            scale.repeats,
        )
        rows += _rows(kind, count, runs)
    return Section(
        "Formats",
        f"{scale.lines:,} sales lines of 11 columns in every format, in a workbook {scale.sheet_lines:,}; rows/s. "
        "*Texts*: Trivium reads them into columns of text. *History*: it keeps the file, reads, judges and stores each "
        "line in a new DuckDB file. *Alone*: DuckDB's own reader into a typed table of a new file, where there is one; "
        "of workbooks, a library that reads cells and does nothing else. DuckDB reads the cp1252 as Latin-1, the same "
        "for these lines. The last columns are how many times as fast as that Trivium is.",
        ("", "size", "texts", "history", "alone", "texts, beside alone", "history, beside alone"),
        rows,
    )


def _rows(kind: Kind, count: int, runs: list[Runs]) -> list[list[str]]:
    texts, history, *others = runs

    def rate(one: Runs) -> str:
        return f"{count / one.median('seconds'):,.0f}"

    ours = [kind.label, f"{kind.file(count).stat().st_size / 1e6:,.1f} MB", rate(texts), rate(history)]
    if not others:
        return [[*ours, "DuckDB has no reader", "", ""]]
    return [
        [
            *ours,
            f"{other.contestant.name.rpartition(', ')[2]} {rate(other)}",
            f"{ratio(other, texts):.2f}×",
            f"{ratio(other, history):.2f}×",
        ]
        for other in others
    ]
