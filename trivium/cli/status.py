"""`trivium status`."""

from __future__ import annotations

import dataclasses
from typing import Any

from trivium.cli.options import AppArgument, AtOption, DomainOption, JsonOption, StoreOption, clock
from trivium.cli.words import again, count, counted, second, visible
from trivium.service.documents import expected_document, instant


def status(
    app: AppArgument,
    at: AtOption = None,
    domain: DomainOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Shows sources, accounts, and what waits for somebody.

    Deliveries, quarantine and findings are counted, how far the master is folded is told, which files are expected next
    or overdue, and how far those are that `trivium run` has seen. Of the service that answers at TRIVIUM_HTTP the parts
    are told that fail or are off, and why; or that there is none. A domain without a store is shown as empty; nothing
    is created.

    \b
    Examples
      trivium status shop.py
      trivium status retail --domain orders --json
    """
    from trivium.cli.failures import without_passwords
    from trivium.cli.opening import Workplace
    from trivium.cli.screen import Screen
    from trivium.service import status as use_case
    from trivium.service.asking import ask_service

    screen, place = Screen(as_json), Workplace(app, store)
    found, now = [], clock(at)
    for one in place.domains(domain):
        if place.exists(one):
            with place.open(one) as opened:
                figures = use_case.status(one, opened.store, now=now)
            found.append(figures | {"store": without_passwords(str(figures["store"]))})
        else:
            found.append(use_case.absent(one, place.name(one)))
    names, address = [one.name for one in place.domains(domain)], place.settings.address
    asked = None if address is None else ask_service(*address, names)
    service = None if asked is None else asked.service
    if as_json:
        screen.document({"app": app, "domains": [_document(figures) for figures in found], "service": service})
    for number, figures in enumerate(found):
        if number:
            screen.show()
        _show(screen, figures, app, store)
    if asked is not None:
        screen.show()
        if service is None:
            screen.show(visible(asked.why), style="dim")
        else:
            _show_service(screen, service)


def _show_service(screen: Any, service: dict[str, Any]) -> None:
    """How it stands, and which of its parts do not run, or are behind."""
    from trivium.service.supervising import off_words

    parts = service["parts"]
    ailing = [part for part in parts if part["state"] not in ("running", "off")]
    told = f"{counted(len(ailing), 'part')} of {count(len(parts))} not running" if ailing else "all parts run"
    off = off_words(parts)
    if off:
        told += f"{', besides' if ailing else ' but'} {off}"
    screen.show(
        f"service at {visible(service['at'])}: {'ready' if service['ready'] else 'not ready'}, {visible(told)}",
        style="yellow" if ailing else None,
    )
    for part in parts:
        name = f"{part['domain']} {part['part']}"
        if part in ailing:
            why = f": {part['why']}" if part["why"] else ""
            screen.show(
                f"  {visible(name)} {visible(part['state'])} since {visible(part['since'])}{visible(why)}",
                style="yellow",
            )
        elif part.get("lag") and part["lag"]["messages"]:
            behind = f"{counted(part['lag']['messages'], 'message')} behind, the oldest {part['lag']['seconds']} s"
            screen.show(f"  {visible(f'{name} is {behind}')}")


def _document(figures: dict[str, Any]) -> dict[str, Any]:
    from trivium.service.documents import delivery_document
    from trivium.service.seen import sighting_document

    return figures | {
        "sources": [
            source
            | {"account": dataclasses.asdict(source["account"]), "last_arrival": instant(source["last_arrival"])}
            | {"expected": expected_document(source["expected"])}
            for source in figures["sources"]
        ],
        "held": [delivery_document(row) for row in figures["held"]],
        "files": {
            source: of | {"under_way": [sighting_document(one) for one in of["under_way"]]}
            for source, of in figures["files"].items()
        },
    }


def _show(screen: Any, figures: dict[str, Any], app: str, store: str | None) -> None:
    from rich.text import Text

    from trivium.cli.screen import table
    from trivium.cli.seen import show_seen

    if figures["store"] is None:
        screen.show(Text.assemble((figures["domain"], "bold"), f"  empty: no store {figures['would_be']} yet"))
        sources = [source["source"] for source in figures["sources"]]
        if sources:
            screen.show(f"  begin with: {again('load', app, sources[0], 'FILE', store=store)}")
        return
    tail = counted(figures["tail"], "commit") + " not yet" if figures["tail"] else "all"
    screen.show(
        Text.assemble(
            (figures["domain"], "bold"),
            f"  {visible(figures['store'])} · commit {figures['commit']} · {tail} consolidated",
        )
    )

    def about(number: int) -> str:
        if not figures["tail"]:
            return count(number)
        return f"≈ {count(number)}" if figures["consolidated"] else "not yet counted"

    screen.show()
    screen.show(
        table(
            "entity", "records", "incomplete", "statements", right=("records", "incomplete", "statements"),
            rows=[
                (name, *(about(e[figure]) for figure in ("master", "incomplete")), count(e["statements"]))
                for name, e in figures["entities"].items()
            ],
        )
    )  # fmt: skip
    screen.show()
    names = ("deliveries", "received", "accepted", "rejected", "ignored", "quarantine", "held", "again")
    screen.show(
        table(
            "source", "channel", "last arrival", *names, right=names,
            rows=[_source_row(source) for source in figures["sources"]],
        )
    )  # fmt: skip
    kinds = ("overdue", "missing", "early", "unexpected")
    expecting = [source for source in figures["sources"] if source["expected"] is not None]
    if expecting:
        screen.show()
        screen.show(
            table(
                "expected", "business date", "by", "files", *kinds, right=("files", *kinds),
                rows=[_expected_row(source, kinds) for source in expecting],
            )
        )  # fmt: skip
    show_seen(screen, figures["files"])
    for row in figures["held"]:
        screen.show()
        screen.show(
            f"held: {visible(row['delivery'])} of {row['source']} would end {count(row['gone'])} of "
            f"{counted(row['alive'], 'living record')}",
            style="yellow",
        )
        screen.show("  " + again("deliveries", app, "release", row["source"], row["delivery"], store=store))
    for loading in figures["loading"]:
        screen.show(f"under way: load {loading['load']} of {loading['source']} since {loading['since']}")
    expected = sum(source["expected"][kind] for source in expecting for kind in kinds)
    if figures["findings"] or expected:
        screen.show()
        number = len(figures["findings"]) + expected
        command = again("findings", app, store=store)
        screen.show(f"{counted(number, 'finding')}, besides ties and breaches: {command}", style="yellow")


def _expected_row(source: dict[str, Any], kinds: tuple[str, ...]) -> list[Any]:
    from rich.text import Text

    expected, following = source["expected"], source["expected"]["next"]
    told = (str(following["day"]), second(following["due"]), count(following["awaited"])) if following else ("–",) * 3
    return [
        source["source"],
        *told,
        *(Text(count(expected[kind]), style="bold yellow" if expected[kind] else "") for kind in kinds),
    ]


def _source_row(source: dict[str, Any]) -> list[Any]:
    from rich.text import Text

    figures = source["account"]
    return [
        source["source"],
        source["channel"],
        second(source["last_arrival"]),
        count(source["deliveries"]),
        *(count(getattr(figures, name)) for name in ("received", "accepted", "rejected", "ignored")),
        Text(count(source["quarantine"]), style="yellow" if source["quarantine"] else ""),
        Text(count(source["held"]), style="bold yellow" if source["held"] else ""),
        count(source["again"]),
    ]
