"""`trivium findings`."""

from __future__ import annotations

from typing import Annotated

import typer

from trivium.cli.options import AppArgument, DomainOption, JsonOption, StoreOption
from trivium.cli.words import counted, visible

LimitOption = Annotated[int, typer.Option("--limit", min=1, metavar="N", help="At most so many breaches an entity.")]


def findings(
    app: AppArgument,
    limit: LimitOption = 1000,
    domain: DomainOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Shows what is odd though nothing was rejected.

    These are repeated and contradictory deliveries, and breaches. A breach is a rule that a current record breaks
    though no single statement broke it; it is computed now.

    \b
    Examples
      trivium findings shop.py
    """
    from trivium.cli.opening import Workplace
    from trivium.cli.screen import Screen, table
    from trivium.service.finding import findings as use_case

    screen, place = Screen(as_json), Workplace(app, store)
    with screen.working("looking for breaches"):
        found = [
            {"domain": opened.domain.name, **one}
            for opened in place.opened(domain)
            for one in use_case(opened, most=limit)
        ]
    if as_json:
        screen.document({"findings": found})
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
    screen.note(counted(len(found), "finding"))
