"""`trivium reconcile`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trivium.cli.options import AppArgument, JsonOption, SourceArgument, StoreOption, clock
from trivium.cli.words import count, counted, second, visible

if TYPE_CHECKING:
    from trivium.cli.screen import Screen
    from trivium.ports import Reconciliation

WhichArgument = Annotated[
    str | None,
    typer.Argument(metavar="[DELIVERY]", help="The delivery's name; else the last one that came.", show_default=False),
]
AgainOption = Annotated[bool, typer.Option("--again", help="Compares anew, with what has come since.")]
LimitOption = Annotated[int, typer.Option("--limit", min=0, metavar="N", help="Shows at most so many differences.")]


def reconcile(
    app: AppArgument,
    source: SourceArgument,
    delivery: WhichArgument = None,
    again: AgainOption = False,
    limit: LimitOption = 50,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> int:
    """Shows how a file differs from what the source said that it reconciles.

    Which records only the file has, which only the other source told up to the file's time, and each attribute that
    differs, with both values and where they came from. It is computed after each load, and here where it was not yet.
    Of each entity 1,000 differences of a kind are kept, the counts are whole; --json prints all that are kept. Exit
    code 1 if no delivery counts.

    \b
    Examples
      trivium reconcile shop.py orders-end-of-day
      trivium reconcile shop.py orders-end-of-day 2026-03-02 --again
    """
    from trivium.cli.opening import Workplace
    from trivium.cli.reconciling import summary_document
    from trivium.cli.screen import Screen
    from trivium.errors import UsageError
    from trivium.service.reconciling import reconciled, told_since

    screen, place = Screen(as_json), Workplace(app, store)
    domain, declared = place.source(source)
    if declared.reconciles is None:
        raise UsageError(f"{source} reconciles nothing", hint="declare it: reconciles='…', the name of another source")
    with place.open(domain) as opened, screen.working("comparing"):
        found = reconciled(opened, declared, delivery, again=again, now=clock(None))
        old = found is not None and told_since(opened, found)
    if found is None:
        if as_json:
            screen.document(None)
        screen.show("no delivery counts" if delivery is None else f"no reading of {visible(delivery)} counts")
        return 1
    if as_json:
        screen.document(summary_document(found) | {"differences": json.loads(found.differences)})
    else:
        _show(screen, found, limit)
        if old:
            screen.note(f"{found.against} has told more since: --again compares anew")
    return 0


def _show(screen: Screen, found: Reconciliation, limit: int) -> None:
    from rich.text import Text

    from trivium.cli.screen import table

    summary, differences = json.loads(found.summary), json.loads(found.differences)
    title = Text.assemble((f"{found.source} {visible(found.delivery)} r{summary['revision']}", "bold"))
    screen.show(title.append(f" against {found.against} · compared {second(found.computed_at)}"))
    screen.show()
    headings = ("in the file", "there", "only in the file", "only there", "differing")
    screen.show(
        table(
            "entity", "up to", *headings, "attributes", right=headings,
            rows=[_entity_row(entity) for entity in summary["entities"]],
        )
    )  # fmt: skip
    for entity in summary["entities"]:
        for path, value in entity["sums"]["file"].items():
            there = entity["sums"]["other"][path]
            told = " in the file, ".join("nothing" if one is None else str(one) for one in (value, there))
            screen.show(f"  sum of {entity['entity']} {path}: {told} there")
    if summary["rejected"]:
        were = "was rejected, and counts" if summary["rejected"] == 1 else "were rejected, and count"
        screen.show(f"  {counted(summary['rejected'], 'record')} of the file {were} as not told")
    if differences[:limit]:
        screen.show()
        screen.show(
            table(
                "entity", "key", "attribute", "in the file", "", f"in {found.against}", "",
                rows=[_difference_row(one) for one in differences[:limit]],
            )
        )  # fmt: skip
    total = sum(
        entity["only_in_file"] + entity["only_there"] + sum(entity["attributes"].values())
        for entity in summary["entities"]
    )
    if total > limit:
        screen.note(f"{count(min(limit, len(differences)))} of {count(total)} differences")


def _entity_row(entity: dict[str, Any]) -> list[str]:
    figures = (entity["records"]["file"], entity["records"]["other"])
    rest = (entity[name] for name in ("only_in_file", "only_there", "differing"))
    attributes = ", ".join(f"{path} {count(number)}" for path, number in entity["attributes"].items())
    return [entity["entity"], entity["as_of"] or "–", *map(count, (*figures, *rest)), attributes]


def _difference_row(one: dict[str, Any]) -> list[str]:
    missing = {"only_in_file": ("there", "not there"), "only_there": ("not there", "there"), "differs": ("", "")}
    told: list[str] = []
    for side, word in zip(("file", "other"), missing[one["what"]], strict=True):
        said = one[side]
        value = word or ("never stated" if said is None else json.dumps(said["value"], ensure_ascii=False))
        told += [value, "" if said is None else f"{Path(said.get('file') or '').name}:{said['place']}"]
    return [visible(cell) for cell in (one["entity"], one["key"], one["attribute"] or "–", *told)]
