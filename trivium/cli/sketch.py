"""`trivium sketch`."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from trivium.cli.options import JsonOption

FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="A sample of the files that a source sends.")]
EntityNameOption = Annotated[
    str | None, typer.Option("--entity", metavar="NAME", help="What a record is called; else the file's name.")
]


def sketch(file: FileArgument, entity: EntityNameOption = None, as_json: JsonOption = False) -> None:
    """Proposes the declaration of a source from a sample file.

    Looks at the first records of a file of CSV, JSON, Parquet or a workbook, packed or not, and prints a Python module:
    an entity with types and a likely key, and a source with the format. What it is not sure of has a comment that says
    UNSURE. Edit it; `trivium check` shows what it declares, and `trivium load --dry-run` what becomes of a file.

    \b
    Examples
      trivium sketch drop/orders_2026-03-02_r1.csv > orders.py
      trivium sketch prices.xlsx --entity Price
    """
    from trivium.cli.screen import Screen
    from trivium.cli.words import count, counted
    from trivium.service.sketching import sketch as proposed

    screen = Screen(as_json)
    found = proposed(Path(file), entity, now=dt.datetime.now(dt.UTC))
    if as_json:
        screen.document(dataclasses.asdict(found))
        return
    screen.data([found.module])
    told = f"{count(found.accepted)} of the {'' if found.whole else 'first '}{counted(found.records, 'record')}"
    last = ", and the last line is taken for a trailer" if found.trailer is not None else ""
    screen.note(f"{told} would be accepted{last}", style="" if found.accepted == found.records else "yellow")
