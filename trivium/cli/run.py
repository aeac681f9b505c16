"""`trivium run`."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import sys
import threading
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trivium.cli.options import AppArgument, DomainsOption, StoreOption
from trivium.cli.words import account, again, count, counted, second, visible
from trivium.service.documents import account_document

if TYPE_CHECKING:
    from trivium.channels.intake import Taken
    from trivium.cli.screen import Screen
    from trivium.ops.tally import Commits
    from trivium.ports import Account
    from trivium.service.running import Word

_LAST_WORDS = 1.0
"""Seconds for what was not written yet, where nobody may be reading."""

InboxOption = Annotated[
    str | None,
    typer.Option(
        "--inbox", metavar="PLACE",
        help="Where files arrive: a folder, s3://bucket/…, gs://bucket/…, sftp://user@host/…; "
        "else TRIVIUM_INBOX, else trivium-data/inbox.",
    ),
]  # fmt: skip
OnceOption = Annotated[
    bool,
    typer.Option(
        "--once",
        help="Takes what is there and leaves; what only has to be stable is waited for. Exit code 1 if a file was "
        "refused or held, could not be taken, or is left waiting, as for its manifest.",
    ),
]
HttpOption = Annotated[
    str | None,
    typer.Option(
        "--http", metavar="HOST:PORT", help="Where it answers over HTTP; off for nowhere.", show_default=False
    ),
]
PrintOption = Annotated[
    bool, typer.Option("--print-settings", help="Shows the settings and where each comes from, and ends.")
]
LinesOption = Annotated[
    bool, typer.Option("--json", help="One JSON object a line on stdout for each thing that happens.")
]


def run(
    app: AppArgument,
    domain: DomainsOption = None,
    inbox: InboxOption = None,
    once: OnceOption = False,
    store: StoreOption = None,
    http: HttpOption = None,
    print_settings: PrintOption = False,
    as_json: LinesOption = False,
) -> int:
    """Takes files, calls and events as they arrive, until it is stopped.

    Each batch source watches the folder of its `files` below the inbox. A file is read when it is whole, and then moved
    into done/, or into refused/ with its reason beside it. An inbox that is away is tried again; the other sources go
    on. Ctrl-C or SIGTERM ends it after the loads under way, a second one at once. Where another process has the store,
    it stands by and takes over.

    \b
    Examples
      trivium run shop.py
      trivium run retail --domain orders --domain sales
      trivium run shop.py --inbox s3://landing/shop --once
    """
    from trivium.cli.opening import Workplace
    from trivium.cli.screen import Screen, if_heard
    from trivium.cli.settings import print_them
    from trivium.service.running import Listener, Service
    from trivium.service.settings import check_names
    from trivium.web.face import WebFace

    screen = Screen()
    place = Workplace(app, store, inbox=inbox, http=http)
    check_names(place.settings, [source for one in place.application.domains for source in one.sources])
    if print_settings:
        told = {"store": store, "inbox": inbox, "http": http}
        return print_them(screen, place.settings, frozenset(name for name, value in told.items() if value), as_json)
    domains = [place.application.domain(name) for name in domain] if domain else list(place.application.domains)
    for one in domains:
        place.check(one)
    teller = Teller(screen, as_json, app, store)
    # A commit is some twenty calls into the store, and after each its thread waits until another one lets go of the
    # interpreter: of 5 ms each, as usual, a commit took 70 ms under load.
    sys.setswitchinterval(0.0005)
    listener = Listener(if_heard(teller.taken), if_heard(teller.word), if_heard(teller.commits))
    service = Service(domains, place.settings, place.several, listener)
    _stop_by_signals(service.stop)
    names = ", ".join(one.name for one in domains)
    if_heard(partial(screen.note, style="dim"))(f"{names}: {'; '.join(place.roads(domains))}. Ctrl-C ends it")
    face = None
    if not once and place.settings.address is not None:
        face = WebFace(
            service,
            *place.settings.address,
            to_anybody=place.settings.access == "open",
            told=if_heard(teller.word),
            failed=if_heard(teller.defect),
        )
        face.start()
    service.run(once=once, face=face)
    if service.hangs:
        last = threading.Thread(target=sys.stdout.flush, daemon=True)
        last.start()
        last.join(_LAST_WORDS)
        os._exit(0)  # the interpreter would wait for what hangs
    return int(once and teller.bad > 0)


class Teller:
    """Says what happens, a line each."""

    def __init__(self, screen: Screen, as_json: bool, app: str, store: str | None) -> None:
        self._screen, self._as_json, self._app, self._store = screen, as_json, app, store
        self.bad = 0
        """Files that were refused, held, could not be taken, or are left waiting."""

    def taken(self, taken: Taken) -> None:
        """A file."""
        sighting, loaded = taken.sighting, taken.loaded
        left = sighting.state == "waiting" and taken.error is None
        self.bad += left or sighting.state in ("refused", "held", "failing")
        if self._as_json:
            self._line(
                {
                    "at": second(sighting.changed_at),
                    "source": sighting.source,
                    "file": sighting.file,
                    "state": sighting.state,
                    "delivery": sighting.delivery,
                    "account": None if loaded is None else account_document(loaded.account),
                    "commit": loaded.published.commit if loaded and loaded.published else None,
                    "why": sighting.why,
                    "moved_to": sighting.moved_to,
                }
            )
            return
        sign, style = _SIGNS.get(sighting.state, ("·", "yellow"))
        if sighting.state == "loaded" and loaded is not None and _nothing_but_rejected(loaded.account):
            sign, style = _SIGNS["refused"]
        name = visible(sighting.file.rpartition("/")[2])
        if left:
            self._screen.show(f"left waiting: {name} of {sighting.source}, {visible(sighting.why or '')}", style=style)
            return
        told = f"{second(sighting.changed_at)} {sign} {sighting.source} {name}  "
        if loaded is not None and loaded.outcome != "known":
            commit = f" · commit {loaded.published.commit}" if loaded.published else ""
            told += (
                f"{sighting.state.upper() + ' ' if sighting.state == 'held' else ''}{account(loaded.account)}{commit}"
            )
            if loaded.outcome == "held" and loaded.gone is not None:
                told += f" · would end {count(loaded.gone.gone)} of {counted(loaded.gone.alive, 'living record')}"
            self._screen.show(told, style=style)
            if loaded.published is not None:
                self._quarantined(sighting.source, loaded.account)
            return
        first, *more = (sighting.why or "").splitlines() or [""]
        self._screen.show(f"{told}{sighting.state}: {visible(first)}", style=style)
        for line in more:
            self._screen.show(f"  {visible(line.strip())}", style=style)

    def commits(self, made: Commits) -> None:
        """What calls or events came to in the last seconds."""
        now = dt.datetime.now(dt.UTC)
        if self._as_json:
            self._line(
                {
                    "at": second(now),
                    "domain": made.domain,
                    "source": made.source,
                    "commits": made.count,
                    "first": made.first,
                    "last": made.last,
                    "deliveries": made.deliveries,
                    "account": account_document(made.account),
                    "slowest_seconds": round(made.seconds, 4),
                    "positions": dict(made.positions),
                }
            )
            return
        sign, style = "✓", "green"
        if made.account.rejected:
            sign, style = ("✗", "bold red") if _nothing_but_rejected(made.account) else ("!", "yellow")
        told = f"{account(made.account)} · {counted(made.count, 'commit')}, the last {made.last}"
        self._screen.show(f"{second(now)} {sign} {made.source}  {told}", style=style)
        self._quarantined(made.source, made.account)

    def word(self, word: Word) -> None:
        """A part of the service that fails, or goes on."""
        if self._as_json:
            hint = None if word.error is None else word.error.hint
            self._line({"domain": word.domain, "part": word.part, "word": word.text, "hint": hint})
            return
        text = visible("; ".join(word.text.splitlines()))
        self._screen.note(f"{word.domain}, {word.part}: {text}", style="yellow" if word.error else "green")
        if word.error is not None and word.error.hint:
            self._screen.note(f"  {word.error.hint}")

    def defect(self, what: str, error: BaseException) -> None:
        """Something that should not be possible went wrong while a request was answered."""
        from trivium.errors import as_told
        from trivium.service.running import Word

        self.word(Word("http", what, str(error), as_told(error)))

    def _quarantined(self, source: str, account: Account) -> None:
        if account.rejected:
            command = again("quarantine", self._app, "list", "--source", source, store=self._store)
            self._screen.show(f"  {count(account.rejected)} in quarantine: {command}", style="yellow")

    def _line(self, value: dict[str, Any]) -> None:
        self._screen.data([json.dumps(value, ensure_ascii=False), "\n"])


def _nothing_but_rejected(account: Account) -> bool:
    return 0 < account.rejected == account.received


_SIGNS = {"loaded": ("✓", "green"), "known": ("=", "dim"), "held": ("!", "bold yellow"), "refused": ("✗", "bold red")}


def _stop_by_signals(stop: Any) -> None:
    """The first signal ends the service in good order, the second at once: nothing is lost by it either."""
    from trivium.cli.screen import if_heard

    def handle(number: int, frame: FrameType | None) -> None:
        for other in (signal.SIGINT, signal.SIGTERM):
            signal.signal(other, lambda number, frame: os._exit(128 + number))
        stop()
        if_heard(partial(print, file=sys.stderr))("ending; a second signal ends at once")

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle)
