"""What a measurement found, as a table for a screen, a page or a program."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bench.running import Runs


@dataclass(frozen=True)
class Target:
    """A figure that was aimed at, and what was found."""

    what: str
    found: float
    kind: Literal["at least", "at most"]
    bound: float
    unit: str = "×"

    @property
    def met(self) -> bool:
        """Whether it was reached."""
        return self.found >= self.bound if self.kind == "at least" else self.found <= self.bound

    def cells(self) -> list[str]:
        """The row of a table."""
        space = "" if self.unit == "×" else " "
        return [
            self.what,
            f"{number(self.found)}{space}{self.unit}",
            f"{self.kind} {number(self.bound)}{space}{self.unit}",
            "met" if self.met else "**missed**",
        ]


@dataclass(frozen=True)
class Section:
    """A measurement: what was done, a table of figures, the targets."""

    title: str
    text: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    targets: Sequence[Target] = ()


@dataclass(frozen=True)
class Found:
    """A section with the run that printed it. `note`: why its figures may say little."""

    section: Section
    command: str
    date: str
    note: str | None = None


COMPARED = ("", "median", "least – greatest", "rows/s", "peak memory", "Trivium's speed is")


def compared(runs: Sequence[Runs], rows: int, ours: Runs) -> list[list[str]]:
    """The rows of a table of contestants that did the same work."""
    table = []
    for one in runs:
        seconds, (least, greatest) = one.median("seconds"), one.spread("seconds")
        table.append(
            [
                one.contestant.name,
                f"{seconds:.2f} s",
                f"{least:.2f} – {greatest:.2f}",
                f"{rows / seconds:,.0f}",
                f"{one.median('peak_mb'):,.0f} MB",
                "" if one is ours else f"{ratio(one, ours):.2f}×",
            ]
        )
    return table


def ratio(other: Runs, ours: Runs) -> float:
    """How many times as fast as the other we are."""
    return other.median("seconds") / ours.median("seconds")


def number(value: float) -> str:
    """Three digits that say something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def page(found: Sequence[Found], facts: Mapping[str, str]) -> str:
    """The whole report in Markdown."""
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`, or by the command above each table. Every measurement is a process of its own, so "
        "that its peak memory is its own; contestants take turns; times are medians and do not count imports. Inputs "
        "are generated, the same on every machine. A load ends when its store is closed, everything on disk.",
        "",
        *table(("machine", ""), facts.items()),
        "",
        "## Targets",
        "",
        *table(("", "found", "target", ""), [target.cells() for one in found for target in one.section.targets]),
    ]
    for one in found:
        lines += ["", f"## {one.section.title}", "", one.section.text, "", f"`{one.command}`, {one.date}."]
        lines += ["", f"> {one.note}"] * bool(one.note)
        lines += ["", *table(one.section.header, one.section.rows)]
    return "\n".join(lines) + "\n"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a Markdown table, aligned so that it can be read as it stands."""
    cells = [list(header), *(list(row) for row in rows)]
    widths = [max(3, *(len(row[column]) for row in cells)) for column in range(len(header))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return lines


def document(found: Sequence[Found], facts: Mapping[str, str]) -> dict[str, Any]:
    """The whole report for a program."""
    sections = []
    for one in found:
        targets = [dataclasses.asdict(target) | {"met": target.met} for target in one.section.targets]
        ran = {"command": one.command, "date": one.date, "note": one.note}
        sections.append(dataclasses.asdict(one.section) | {"targets": targets} | ran)
    return {"machine": dict(facts), "sections": sections}
