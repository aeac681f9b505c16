"""Asks the product for everything that the files must have come to, and lets the checker compare."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from retail.checker import Compared
from retail.command import CommandLine
from retail.files import checker

_ALL: Final = 1_000_000
"""More findings than there can be."""


def verdicts(product: CommandLine, inbox: Path, folder: Path) -> Iterator[Compared]:
    """The files, the accounts, the findings, the status and every entity. `folder`: where it was written down what was
    meant; the exports are put there too."""
    meant = checker.Meant.read(folder)
    at = meant.plan["at"]
    yield checker.compare_files(meant, inbox)
    yield checker.compare_readings(meant, product.readings())
    yield checker.compare_findings(meant, product.findings(at, limit=_ALL))
    yield checker.compare_status(meant, product.ask("status", product.app, "--at", at)["domains"])
    for entity in checker.ENTITIES:
        file = folder / f"{entity}.ndjson"
        # Nobody but the events, which do not come by files, tells where an order goes.
        product.ask("export", product.app, entity, "--incomplete", "--output", str(file))
        with file.open("rb") as lines:
            yield checker.compare_records(meant, entity, lines)
