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
from trivium.cli.words import account, count, counted, visible
from trivium.errors import UsageError
from trivium.service.documents import account_document

if TYPE_CHECKING:
    from trivium.channels.mends import MendedAgain
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
    --yes goes on without asking, --dry-run never does. What was mended by hand, which raw input does not hold, is
    mended again in the new reading, in the name of the same person, where the same record is rejected again. Exit
    code 1 if a delivery was not replayed because somebody said no, or a mended record waits in quarantine all the same.

    With --from it is the way on where a store refuses a declaration, such as one with a narrower type or another key:
    everything that counts in the old store is judged anew into a new one, with its revisions, arrivals and retractions.
    The old store stays as it is, so nobody is asked. Repeated, it goes on where it ended. Exit code 1 if a delivery
    cannot be judged anew, for its raw input is no longer kept, or is held, or a record that was mended by hand in the
    old store waits in the quarantine of the new one. At its end it says how the new store becomes the usual one.

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
    from trivium.channels.mends import MendedAgain, mend_again
    from trivium.channels.replay import counting, try_replay
    from trivium.cli.consolidate import consolidation_document, fold
    from trivium.cli.mended import show_mended
    from trivium.cli.opening import Workplace
    from trivium.cli.screen import Screen
    from trivium.service.opening import broker_of

    screen, place = Screen(as_json), Workplace(app, store)
    if not (yes or dry_run or screen.asks):
        raise UsageError("replay asks before it changes anything, and nobody is here", hint="add --yes or --dry-run")
    mine, declared = place.source(source)
    if domain not in (None, mine.name):
        raise UsageError(f"{source} is a source of {mine.name}, not of {domain}", hint="leave out --domain")
    broker = broker_of(place.settings, declared)
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
                    opened.store,
                    opened.raw,
                    mine,
                    declared,
                    row,
                    now=dt.datetime.now(dt.UTC),
                    by=who(by),
                    broker=broker,
                )
            try:
                _show(screen, trial)
                if answer not in ("all", "dry"):
                    answer = _ask(screen, more=row is not rows[-1])
                published = trial.publish() if answer in ("yes", "all") else None
            finally:
                trial.abandon()
            remended = MendedAgain()
            if published is not None:
                screen.show(f"    replayed · commit {published.commit}", style="green")
                remended = mend_again(
                    opened.store,
                    opened.raw,
                    mine,
                    declared,
                    published.load_no,
                    trial.mends,
                    now=dt.datetime.now(dt.UTC),
                )
                show_mended(screen, remended, app, store)
            told.append(_document(trial, published.commit if published else None, remended))
        if not rows:
            screen.show(f"{source} has no delivery that counts")
        if not dry_run and not no_consolidate:
            done = consolidation_document(fold(screen, opened.store))
    if as_json:
        screen.document({"source": source, "deliveries": told, "consolidation": done})
    undone = len(told) < len(rows) or any(one["commit"] is None or one["mended_waiting"] for one in told)
    return int(not dry_run and undone)


def _show(screen: Screen, trial: Replay) -> None:
    from rich.text import Text

    from trivium.cli.screen import table

    screen.show(Text.assemble((visible(trial.delivery.name), "bold"), f" of {trial.delivery.source}"))
    screen.show(f"    counts now:  {account(trial.before)}")
    screen.show(f"    judged anew: {account(trial.account)}")
    if trial.mends:
        screen.show(
            f"    {counted(len(trial.mends), 'record')} mended by hand, which raw input does not hold: mended again "
            "afterwards, where the same is rejected again",
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


def _document(trial: Replay, commit: int | None, remended: MendedAgain) -> dict[str, Any]:
    from trivium.cli.mended import mended_document

    return {
        "delivery": trial.delivery.name,
        "before": account_document(trial.before),
        "after": account_document(trial.account),
        "mended": [mend.record for mend in trial.mends],
        **mended_document(remended),
        "preview": [dataclasses.asdict(preview) for preview in trial.preview],
        "commit": commit,
    }
