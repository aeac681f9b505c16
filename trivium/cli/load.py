"""`trivium load`."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from trivium.cli.options import (
    AppArgument,
    ByOption,
    JsonOption,
    KeepTailOption,
    SourceArgument,
    StoreOption,
    who,
)
from trivium.cli.words import visible

FilesArgument = Annotated[
    list[str],
    typer.Argument(metavar="FILE", help="Files, folders with files of the source, or quoted patterns."),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Judges only: the account and the first rejects; no store is touched.")
]


def load(
    app: AppArgument,
    source: SourceArgument,
    files: FilesArgument,
    dry_run: DryRunOption = False,
    no_consolidate: KeepTailOption = False,
    by: ByOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> int:
    """Loads files of a source, each whole or not at all.

    Prints the account of each. A file that was loaded before is known and changes nothing. Rejected records go to
    quarantine; the file is loaded all the same. A file that cannot be read as the source declares, or that is not what
    its manifest, its trailer or its source says, is refused whole, and so is a pattern that finds none; the others
    still load. A file that would end more records than the source allows is held until `deliveries APP release`.
    What was loaded is compared with the source that its own reconciles.

    Exit code 1 if a file was refused or is held, or if every record of a file was rejected; 0 if all were loaded or
    known.

    \b
    Examples
      trivium load shop.py orders-end-of-day orders_2026-03-02.csv
      trivium load shop.py orders-end-of-day drop/ 'archive/orders_*.csv'
      trivium load shop.py orders-end-of-day orders_2026-03-02.csv --dry-run
    """
    from trivium.cli.loading import Report, bar
    from trivium.cli.opening import Workplace
    from trivium.cli.screen import Screen
    from trivium.service.checking import unstated
    from trivium.service.files import Refused, expand
    from trivium.service.finding import ties_of
    from trivium.service.loading import load_all, try_all
    from trivium.service.upkeep import keep_up

    screen, place = Screen(as_json), Workplace(app, store)
    domain, declared = place.source(source)
    found = expand(declared, files)
    paths = [one for one in found if not isinstance(one, Refused)]
    report = Report(screen, app, source, store)
    for one in found:
        if isinstance(one, Refused):
            report.add(one)
    now = dt.datetime.now(dt.UTC)
    if dry_run:
        with bar(screen, paths) as progress:
            for tried in try_all(domain, declared, paths, now=now, progress=progress):
                report.add(tried)
        return report.end()
    if not place.exists(domain):
        screen.note(f"new store {visible(place.name(domain))}")
    with place.open(domain, create=True) as opened:
        with bar(screen, paths) as progress:
            for loaded in load_all(opened, declared, paths, now=now, by=who(by), progress=progress):
                report.add(loaded)
        report.upkeep(keep_up(opened, now=now, most=max(50, len(paths))))
        report.lacks(unstated(domain, {route.shape.name for route in declared.routes}))
        report.ties(*ties_of(opened, declared, report.load_nos))
        if not no_consolidate:
            report.consolidate(opened.store)
    return report.end()
