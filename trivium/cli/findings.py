"""`trivium findings`."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from trivium.cli.options import AppArgument, AtOption, DomainOption, JsonOption, StoreOption, clock
from trivium.cli.words import count, counted, visible

LimitOption = Annotated[
    int,
    typer.Option(
        "--limit", min=1, metavar="N", help="At most so many ties, and breaches, an entity; and of each kind a source."
    ),
]
AllOption = Annotated[bool, typer.Option("--all", help="Also what was overdue, missing, early or unexpected.")]


def findings(
    app: AppArgument,
    limit: LimitOption = 1000,
    every: AllOption = False,
    at: AtOption = None,
    domain: DomainOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Shows what is odd though nothing was rejected.

    These are repeated and contradictory deliveries; files that are overdue, missing (a number between two others is
    left out), early (before their business date) or unexpected; ties and breaches. A tie: living statements of one key,
    time and sequence say different things, and the greater digest decides. A breach: a current record breaks a rule
    though no single statement broke it. What a file was found with when it was taken stays: repeated and contradictory,
    corrections without a revision, totals that could not be confirmed for rejected records. The others are computed
    now, and are gone when they are mended.

    \b
    Examples
      trivium findings shop.py
      trivium findings shop.py --all --at 2026-03-02T23:00:00Z
    """
    from trivium.cli.opening import Workplace
    from trivium.cli.screen import Screen, table
    from trivium.service.finding import findings as use_case

    screen, place = Screen(as_json), Workplace(app, store)
    found, ties, now = [], 0, clock(at)
    expected: Counter[str] = Counter()
    with screen.working("looking for ties and breaches"):
        for opened in place.opened(domain):
            there = use_case(opened, now=now, most=limit, closed=every)
            found += [{"domain": opened.domain.name, **one} for one in there.findings]
            ties += there.ties
            expected.update(there.expected)
    if as_json:
        screen.document({"findings": found, "ties": ties, "expected": expected})
        return
    if not found:
        screen.show("no findings")
        return
    dated = any(f["opened_at"] for f in found)
    times = ("since", *(("until",) if every else ())) if dated else ()
    screen.show(
        table(
            "kind", "commit", "source", "subject", *times, "detail", right=("commit",),
            rows=[
                [
                    f["kind"], str(f["commit"] or "–"), f["source"] or "–", visible(f["subject"]),
                    *((_second(f[name]) for name, _ in zip(("opened_at", "closed_at"), times, strict=False))),
                    visible(f["detail"]),
                ]
                for f in found
            ],
        )
    )  # fmt: skip
    for hint in dict.fromkeys(f"{f['kind']}: {f['hint']}" for f in found if f["hint"]):
        screen.show(f"  {hint}")
    shown = Counter({"tie": "ties"}.get(f["kind"], f["kind"]) for f in found if f["closed_at"] is None)
    more = {"ties": ties, **expected}
    told = [f"{count(shown[kind])} of {count(number)} {kind}" for kind, number in more.items() if shown[kind] < number]
    screen.note("; ".join([counted(len(found), "finding"), *told]))


def _second(at: str | None) -> str:
    return "–" if at is None else at[:19] + "Z"
