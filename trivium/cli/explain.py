"""`trivium explain`."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trivium.cli.options import AppArgument, AsOfOption, EntityArgument, JsonOption, StoreOption, WhatIfOption
from trivium.cli.words import again, called, count, visible

if TYPE_CHECKING:
    from rich.text import Text

    from trivium.cli.screen import Screen

KeyArgument = Annotated[
    str,
    typer.Argument(metavar="KEY", help="The key's parts joined by commas; `,` `/` `%` inside a part percent-encoded."),
]


def explain(
    app: AppArgument,
    entity: EntityArgument,
    key: KeyArgument,
    as_of: AsOfOption = None,
    what_if: WhatIfOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> int:
    """Shows where every attribute of a record comes from.

    Who won it, when, from which file and line; and who lost, and why. Where a record was mended by hand, that is said.
    Attributes declared sensitive are shown: who
    holds the store holds them too. Exit code 1 if nothing that counts was ever said of the key.

    \b
    Examples
      trivium explain shop.py order 1001
      trivium explain retail sale 2026-03-02,S12,R000417,3 --what-if priority
    """
    from trivium.cli.opening import Workplace
    from trivium.cli.screen import Screen
    from trivium.engine.explain_document import explanation_document
    from trivium.engine.plain import parse_instant, parse_key
    from trivium.service.explaining import explain_key, waiting_for

    screen, place = Screen(as_json), Workplace(app, store)
    domain = place.application.entity(entity)
    shape = domain.shape(entity.rpartition(".")[2])
    values = parse_key(shape, key)
    until = None if as_of is None else parse_instant(as_of, "--as-of")
    with place.open(domain) as opened:
        found = explanation_document(shape, values, explain_key(opened, shape, values, as_of=until, policy=what_if))
        waiting = waiting_for(opened, shape, values)
    if as_json:
        screen.document(found | {"quarantine": dataclasses.asdict(waiting), "as_of": as_of, "what_if": what_if})
    else:
        _show(screen, found, what_if, as_of)
        for name in dict.fromkeys(_mended_records(found)):
            command = again("quarantine", app, "show", name, store=store)
            screen.show(f"  what was mended, and to what: {command}", style="dim")
        for name in waiting.naming:
            command = again("quarantine", app, "show", name, store=store)
            screen.show(f"  in quarantine is a rejected record that names it: {command}", style="yellow")
        for source, number in waiting.of_sources.items():
            told = "is 1 rejected record" if number == 1 else f"are {count(number)} rejected records"
            screen.show(
                f"  in quarantine {told} of {source} without a known key, which may speak of it:", style="yellow"
            )
            screen.show(f"    {again('quarantine', app, 'list', '--source', source, store=store)}")
    return int(found["state"] == "unknown")


def _mended_records(found: dict[str, Any]) -> Iterator[str]:
    """The names of the quarantined records of which something is told here."""
    for attribute in found["attributes"]:
        for said in (attribute["winner"], *attribute["losers"]):
            if said is not None and said["mended"] is not None:
                yield said["mended"]["record"]


_STYLES = {"alive": "bold green", "gone": "bold red", "unknown": "bold yellow"}


def _show(screen: Screen, found: dict[str, Any], what_if: str | None, as_of: str | None) -> None:
    from rich.text import Text

    from trivium.cli.screen import table

    title = Text.assemble((f"{found['entity']} {visible(found['key'])}", "bold"), "  ")
    title.append(found["state"], _STYLES[found["state"]])
    if found["lacks"]:
        title.append(f" · lacks {', '.join(found['lacks'])}", "yellow")
    if what_if:
        title.append(f" · what if {what_if}")
    if as_of:
        title.append(f" · as of {as_of}")
    screen.show(title)
    rows: list[list[Text]] = []
    for attribute in found["attributes"]:
        rows += _attribute_rows(attribute)
    if rows:
        screen.show()
        screen.show(table("attribute", "value", "source", "delivery", "where", "event time", "", rows=rows))
    elif not found["deaths"]:
        screen.show("  nothing was ever said of it")
    if found["deaths"]:
        screen.show()
        screen.show(table("death", "", "source", "delivery", "where", "event time", "", rows=_deaths(found["deaths"])))
    for tie in found["ties"]:
        screen.show()
        screen.show(
            f"tie: {len(tie)} different contents at {tie[0]['event_time']}{_sequence(tie[0])}; "
            f"{_from(tie[0])} holds, for its digest is the greater; not {' nor '.join(map(_from, tie[1:]))}",
            style="yellow",
        )
        if len({(one["source"], one["delivery"]) for one in tie}) == 1:
            screen.show("  is the key complete? All are of one delivery. If it is:")
        screen.show("  a digest knows nothing of time: give the source a sequence (sequence=…)")


def _attribute_rows(attribute: dict[str, Any]) -> list[list[Text]]:
    from rich.text import Text

    winner, losers = attribute["winner"], attribute["losers"]
    if winner is None and not losers:
        return []
    name = Text(attribute["attribute"], style="bold")
    rows = [[name, Text(_shown(winner["value"]), style="bold green"), *_origin(winner), Text("")]] if winner else []
    for loser in losers:
        first = Text("") if rows else name
        why = Text(visible(loser["why"]), style="dim")
        rows.append([first, Text(_shown(loser["value"]), style="dim"), *_origin(loser, "dim"), why])
    return rows


def _deaths(deaths: list[dict[str, Any]]) -> list[list[Text]]:
    from rich.text import Text

    return [
        [
            Text("counts" if death["counts"] else "", style="bold red"),
            Text(death["what"], style="" if death["counts"] else "dim"),
            *_origin(death, "" if death["counts"] else "dim"),
            Text(death["why_not"] or "", style="dim"),
        ]
        for death in deaths
    ]


def _origin(said: dict[str, Any], style: str = "") -> list[Text]:
    from rich.text import Text

    mended = said["mended"]
    told = (
        said["source"],
        f"{said['delivery']} r{said['revision']}",
        f"{called(said['file'])}{_place(said)}{'' if mended is None else ' · ' + _mended(mended)}",
        f"{said['event_time']}{_sequence(said)}",
    )
    return [Text(visible(text), style=style) for text in told]


def _mended(mended: dict[str, Any]) -> str:
    return f"mended by {mended['by'] or 'somebody'}, commit {mended['commit']}"


def _place(said: dict[str, Any]) -> str:
    from trivium.engine.places import place_text

    return "" if said["place"] is None else f":{place_text(said['place'])}"


def _from(origin: dict[str, Any]) -> str:
    return visible(f"{origin['source']} {called(origin['file'])}{_place(origin)}")


def _sequence(origin: dict[str, Any]) -> str:
    return "" if origin["sequence"] is None else f" #{origin['sequence']}"


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={_shown(member)}" for name, member in value.items())
    if value is None:
        return "null"
    if isinstance(value, str):
        return visible(value) if value else '""'
    return visible(json.dumps(value, ensure_ascii=False))
