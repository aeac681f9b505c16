"""`trivium replay`."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trivium.cli.options import (
    AppArgument,
    ByOption,
    DomainOption,
    JsonOption,
    KeepTailOption,
    StoreOption,
    YesOption,
    who,
)
from trivium.cli.words import account, account_document, count, counted, visible
from trivium.errors import UsageError

if TYPE_CHECKING:
    from trivium.channels.replay import Replay
    from trivium.cli.screen import Screen

SourceArgument = Annotated[
    str | None, typer.Argument(metavar="SOURCE", help="The name of a source; none with --from, which takes all.")
]
DeliveriesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="DELIVERY", help="Deliveries by name; none: all of the source that count."),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only shows what would change.")]
FromOption = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="OLD_STORE",
        help="Into the store named by --store, from the kept raw input of this one, which stays as it is.",
    ),
]


def replay(
    app: AppArgument,
    source: SourceArgument = None,
    deliveries: DeliveriesArgument = None,
    old: FromOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    no_consolidate: KeepTailOption = False,
    by: ByOption = None,
    domain: DomainOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> int:
    """Judges kept raw input anew, by today's declaration.

    What comes of it is a higher reading of its delivery. Shows for each delivery what would change, then asks;
    --yes goes on without asking, --dry-run never does. Exit code 1 if a delivery was not replayed because somebody
    said no.

    With --from it is the way on where a store refuses a declaration, such as one with a narrower type or another key:
    everything that counts in the old store is judged anew into a new one, with its revisions, arrivals and retractions.
    The old store stays as it is. Repeated, it goes on where it ended. What cannot be judged anew, for its raw input is
    no longer kept, and what was mended by hand, which no raw input holds, is listed; then the exit code is 1.

    \b
    Examples
      trivium replay shop.py orders-end-of-day --dry-run
      trivium replay shop.py orders-end-of-day 2026-03-02 --yes
      trivium replay shop.py --from shop.duckdb --store shop.new.duckdb
    """
    if old is not None:
        from trivium.cli.transferring import replay_from

        if source is not None:
            raise UsageError("--from takes every source of the old store", hint="name no SOURCE with it")
        return replay_from(
            app, old, dry_run=dry_run, fold_it=not no_consolidate, domain=domain, store=store, as_json=as_json
        )
    if source is None:
        raise UsageError("replay what?", hint="name a SOURCE, or a store to replay from with --from")
    from trivium.channels.replay import counting, try_replay
    from trivium.cli.consolidate import consolidation_document, fold
    from trivium.cli.opening import Workplace
    from trivium.cli.screen import Screen

    screen, place = Screen(as_json), Workplace(app, store)
    if not (yes or dry_run or screen.asks):
        raise UsageError("replay asks before it changes anything, and nobody is here", hint="add --yes or --dry-run")
    mine, declared = place.source(source)
    if domain not in (None, mine.name):
        raise UsageError(f"{source} is a source of {mine.name}, not of {domain}", hint="leave out --domain")
    told: list[dict[str, Any]] = []
    done = None
    with place.open(mine) as opened:
        rows = counting(opened.store, declared, deliveries or ())
        answer = "dry" if dry_run else "all" if yes else ""
        for row in rows:
            if answer == "quit":
                break
            with screen.working(f"judging {visible(row['delivery'])}"):
                trial = try_replay(
                    opened.store, opened.raw, mine, declared, row, now=dt.datetime.now(dt.UTC), by=who(by)
                )
            try:
                _show(screen, trial)
                if answer not in ("all", "dry"):
                    answer = _ask(screen, more=row is not rows[-1])
                commit = trial.publish().commit if answer in ("yes", "all") else None
            finally:
                trial.abandon()
            if commit is not None:
                screen.show(f"    replayed · commit {commit}", style="green")
            told.append(_document(trial, commit))
        if not rows:
            screen.show(f"{source} has no delivery that counts")
        if not dry_run and not no_consolidate:
            done = consolidation_document(fold(screen, opened.store))
    if as_json:
        screen.document({"source": source, "deliveries": told, "consolidation": done})
    return int(not dry_run and (len(told) < len(rows) or any(one["commit"] is None for one in told)))


def _show(screen: Screen, trial: Replay) -> None:
    from rich.text import Text

    from trivium.cli.screen import table

    screen.show(Text.assemble((visible(trial.delivery.name), "bold"), f" of {trial.delivery.source}"))
    screen.show(f"    counts now:  {account(trial.before)}")
    screen.show(f"    judged anew: {account(trial.account)}")
    if trial.mended:
        screen.show(
            f"    {counted(trial.mended, 'record')} mended by hand would be lost: mend them again afterwards",
            style="yellow",
        )
    figures = ("appear", "end", "change", "stay")
    rows = [
        [f"    {p.entity}", *(count(getattr(p, name)) for name in figures)]
        for p in trial.preview
        if p.appear or p.end or p.change or p.stay
    ]
    screen.show(
        table("    living records", *figures, right=figures, rows=rows) if rows else "    touches no living record"
    )


def _ask(screen: Screen, *, more: bool) -> str:
    """`yes`, `no`, `all` (and those after it) or `quit`."""
    choices = "y, n, a for all, q to quit" if more else "y, n"
    screen.err.print(f"Replay it? [{choices}] ", end="", style="bold")
    said = input().strip().lower()[:1]
    return {"y": "yes", "a": "all", "q": "quit"}.get(said, "no")


def _document(trial: Replay, commit: int | None) -> dict[str, Any]:
    return {
        "delivery": trial.delivery.name,
        "before": account_document(trial.before),
        "after": account_document(trial.account),
        "mended_lost": trial.mended,
        "preview": [dataclasses.asdict(preview) for preview in trial.preview],
        "commit": commit,
    }
