"""Asks the product for everything a day must have come to, and lets the checker compare."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from retail.checker import KEYS, VIEWS, Compared, Record, check_entity, compare, expected_accounts, expected_records
from retail.command import CommandLine


def verdicts(
    product: CommandLine, folder: Path, readings: Iterable[Record], findings: Iterable[Record]
) -> Iterator[Compared]:
    """The accounts of all files, every entity and view, and the breaches, each compared with what was meant.

    `readings` and `findings` are what `deliveries list --all` and `findings` said of the store.
    """
    (folder / "exported").mkdir(exist_ok=True)
    yield compare("accounts", expected_accounts(folder), _accounts(readings), ("file",))
    for name in KEYS:
        if name in VIEWS:
            rows = product.ask("report", product.app, name)
            yield compare(name, expected_records(folder, name), rows, KEYS[name])
        else:
            exported = product.export(name, folder / "exported" / f"{name}.ndjson")
            with exported.open("rb") as lines:
                yield check_entity(name, expected_records(folder, name), lines)
    yield _others(product, folder, findings)


def _accounts(readings: Iterable[Record]) -> Iterator[Record]:
    for reading in readings:
        # The same file may have come from the folder of an earlier run.
        yield {"file": "/".join(Path(reading["file"]).parts[-2:])} | reading["account"]


def _others(product: CommandLine, folder: Path, findings: Iterable[Record]) -> Compared:
    """Figures beside the records: what is incomplete, and which rules the master breaks."""
    day = json.loads((folder / "day.json").read_text(encoding="utf-8"))
    meant = [{"figure": "breaches", "count": day["breaches"]}]
    found = [{"figure": "breaches", "count": sum(finding["kind"] == "breach" for finding in findings)}]
    for entity, count in day["incomplete"].items():
        everything = folder / "exported" / f"{entity}.all.ndjson"
        product.ask("export", product.app, entity, "--incomplete", "--output", str(everything))
        complete = folder / "exported" / f"{entity}.ndjson"
        lacking = len(everything.read_bytes().splitlines()) - len(complete.read_bytes().splitlines())
        meant.append({"figure": f"incomplete {entity}s", "count": count})
        found.append({"figure": f"incomplete {entity}s", "count": lacking})
    return compare("figures", meant, found, ("figure",))
