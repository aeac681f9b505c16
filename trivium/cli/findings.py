"""`trivium findings`."""

from __future__ import annotations

from typing import Annotated

import typer

from trivium.cli.options import AppArgument, DomainOption, JsonOption, StoreOption
from trivium.cli.words import counted, visible

LimitOption = Annotated[
    int, typer.Option("--limit", min=1, metavar="N", help="At most so many ties, and breaches, an entity.")
]


def findings(
    app: AppArgument,
    limit: LimitOption = 1000,
    domain: DomainOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Shows what is odd though nothing was rejected.

    These are repeated and contradictory deliveries, ties and breaches. A tie: living statements of one key, time and
    sequence say different things, and the greater digest decides. A breach: a current record breaks a rule though no
    single statement broke it. Both are computed now.

    \b
    Examples
      trivium findings shop.py
    """
    from trivium.cli.opening import Workplace
    from trivium.cli.screen import Screen, table
    from trivium.service.finding import findings as use_case

    screen, place = Screen(as_json), Workplace(app, store)
    found, ties = [], 0
    with screen.working("looking for ties and breaches"):
        for opened in place.opened(domain):
            there = use_case(opened, most=limit)
            found += [{"domain": opened.domain.name, **one} for one in there.findings]
            ties += there.ties
    if as_json:
        screen.document({"findings": found, "ties": ties})
        return
    if not found:
        screen.show("no findings")
        return
    screen.show(
        table(
            "kind", "commit", "source", "subject", "detail", right=("commit",),
            rows=[
                [f["kind"], str(f["commit"] or "–"), f["source"] or "–", *map(visible, (f["subject"], f["detail"]))]
                for f in found
            ],
        )
    )  # fmt: skip
    for hint in dict.fromkeys(f"{f['kind']}: {f['hint']}" for f in found if f["hint"]):
        screen.show(f"  {hint}")
    shown = sum(f["kind"] == "tie" for f in found)
    screen.note(counted(len(found), "finding") + (f"; {shown} of {counted(ties, 'tie')}" if shown < ties else ""))
