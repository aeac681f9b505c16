"""How a day is shown on a terminal."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from retail.checker import Compared, Record, expected_records
from retail.command import CommandLine

_SAMPLES: Final = 8


def quarantine(out: Console, product: CommandLine) -> None:
    """Why records were rejected: how often each rule, and a record of each of the first."""
    heading(out, "Quarantine: every reason of every bad record, with the record itself")
    records = product.ask("quarantine", product.app, "list")["records"]
    rules = Counter(reason["rule"] for record in records for reason in record["reasons"])
    out.print("  ".join(f"{rule} {count:,}" for rule, count in rules.most_common()), highlight=False, markup=False)
    table = _table("source", "where", "why", "record", right=0)
    shown: Counter[str] = Counter()
    for rule, _ in rules.most_common(_SAMPLES):
        told = [record for record in records if any(reason["rule"] == rule for reason in record["reasons"])]
        record = min(told, key=lambda record: (shown[record["id"]], shown[record["source"]]))
        shown.update((record["source"], record["id"]))
        why = "\n".join(str(reason["message"]).partition("; ")[0] for reason in record["reasons"])
        raw = str(record.get("raw", ""))
        name, at = Path(record["file"]).name, record["line"]
        place = f"{record['delivery']}:{record['place']}" if at is None else f"{name}:{at}"
        table.add_row(record["source"], place, Text(why), Text(raw[:50] + "…" * (len(raw) > 50), style="dim"))
    out.print(table)


def explained(out: Console, product: CommandLine, folder: Path) -> None:
    """Where each attribute of an order came from, which several sources told."""
    heading(out, "One order, and who told what of it")
    late = [order for order in expected_records(folder, "order") if (order["delivered_at"] or "")[11:13] >= "22"]
    orders = late or expected_records(folder, "order")
    product.run("explain", product.app, "order", orders[0]["order_id"])
    product.flush()


def reconciled(out: Console, product: CommandLine) -> None:
    """What the evening's file of orders says, and the events of the day did not."""
    heading(out, "The evening's orders, compared with the events of the day")
    product.run("reconcile", product.app, "oms-end-of-day", "--again", "--limit", "5")
    product.flush()


def findings(out: Console, found: list[Record]) -> None:
    """What is odd though nothing was rejected."""
    heading(out, "Findings: odd, but no single record is to blame")
    kinds = Counter(finding["kind"] for finding in found)
    out.print("  ".join(f"{kind} {count:,}" for kind, count in kinds.most_common()) or "none", highlight=False)
    table = _table("domain", "kind", "subject", "detail", right=0)
    for kind in kinds:
        for finding in [one for one in found if one["kind"] == kind][:3]:
            words = (str(finding.get(name) or "") for name in ("domain", "kind", "subject", "detail"))
            table.add_row(*map(escape, words))
    if found:
        out.print(table)


def mischief(out: Console, number: int, kinds: Counter[str]) -> None:
    """Which files were sent otherwise than they should be."""
    told = "  ".join(f"{kind} {count:,}" for kind, count in sorted(kinds.items()))
    out.print(f"{number:,} files, some of them with a mischief: {told}", highlight=False)


def verdict(out: Console, compared: list[Compared]) -> bool:
    """Attribute by attribute, whether what came out is what was meant; True if all of it is."""
    heading(out, "The checker's verdict, attribute by attribute")
    table = _table("", "meant", "came out", "missing", "too many", "attributes, and values that are right", right=4)
    for one in compared:
        style = "green" if one.perfect else "bold red"
        counts = (f"{count:,}" for count in (one.meant, one.found, len(one.missing), len(one.extra)))
        table.add_row(Text(one.name, style=style), *counts, _attributes(one, out.width - 58))
    out.print(table)
    for one in compared:
        _faults(out, one)
    perfect = all(one.perfect for one in compared)
    values = sum(attribute.compared for one in compared for attribute in one.attributes.values())
    if perfect:
        out.print(f"\nAll {values:,} values are what was meant.", style="bold green", highlight=False)
    else:
        out.print("\nNot all is what was meant.", style="bold red")
    return perfect


def _attributes(one: Compared, width: int) -> Text:
    """Each attribute with the number of its right values, no attribute over two lines."""
    lines, at = Text(), 0
    for name, attribute in one.attributes.items():
        right = attribute.right == attribute.compared
        figure = f"{attribute.right:,}" if right else f"{attribute.right:,} of {attribute.compared:,}"
        words = f"{'✓' if right else '✗'} {name} {figure}"
        if at and at + len(words) > width:
            lines.append("\n")
            at = 0
        lines.append(f"{words}  ", "" if right else "bold red")
        at += len(words) + 2
    return lines


def _faults(out: Console, one: Compared) -> None:
    lines = [f"missing: {key}" for key in one.missing[:3]] + [f"too many: {key}" for key in one.extra[:3]]
    lines += [f"{name}: {wrong}" for name, attribute in one.attributes.items() for wrong in attribute.wrong[:3]]
    for line in lines:
        out.print(f"  {one.name} {line}", style="red", markup=False)


def heading(out: Console, text: str) -> None:
    """What comes next."""
    out.print()
    out.print(Rule(text, align="left", style="dim"))


def _table(*columns: str, right: int) -> Table:
    """A table without a frame; the `right` columns behind the first are figures."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if 0 < number <= right else "left")
    return table
