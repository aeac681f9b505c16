"""How loads are shown: a bar while they run, a line for what became of each file."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.text import Text

from trivium.channels.batch import Loaded
from trivium.channels.trial import Tried
from trivium.cli.consolidate import consolidation_document, fold
from trivium.cli.failures import Failure, failure
from trivium.cli.quarantine.document import reason_line, reject_document, sample
from trivium.cli.reconciling import summary_document
from trivium.cli.screen import Screen
from trivium.cli.words import account, again, count, counted, lacks, visible, with_app
from trivium.ports import Account, Store
from trivium.service.documents import account_document, reasons
from trivium.service.files import Refused
from trivium.service.loading import Following
from trivium.service.reconciling import agrees, in_words
from trivium.service.upkeep import Upkeep


@contextmanager
def bar(screen: Screen, paths: Sequence[Path]) -> Iterator[Following]:
    """A progress bar over the bytes of all files, with records a second and time left; on a terminal only."""
    if not screen.moves:
        yield lambda path, done, received: None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    sizes = {path: path.stat().st_size if path.is_file() else 0 for path in paths}
    done_of, received_of = dict.fromkeys(paths, 0), dict.fromkeys(paths, 0)
    begun = time.monotonic()
    progress = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[rate]}", markup=False),
        TimeRemainingColumn(),
        console=screen.err,
        transient=True,
    )
    task = progress.add_task("", total=sum(sizes.values()), rate="")
    before: list[Path] = []

    def follow(path: Path, done: int, received: int) -> None:
        if before[-1:] != [path]:  # the one before is done with, also if it was known or refused
            done_of.update((other, sizes[other]) for other in before)
            before.append(path)
        done_of[path], received_of[path] = done, received
        rate = sum(received_of.values()) / max(time.monotonic() - begun, 0.001)
        progress.update(
            task,
            completed=sum(done_of.values()),
            description=visible(path.name),
            rate=f"{count(int(rate))} records/s" if received else "reading",
        )

    with screen.moving(progress):
        yield follow


class Report:
    """What became of the files of one command: told line by line, or as one document at the end."""

    def __init__(self, screen: Screen, app: str, source: str, store: str | None) -> None:
        self._screen, self._app, self._source, self._store = screen, app, source, store
        self._files: list[dict[str, Any]] = []
        self._total = Account()
        self._consolidation: dict[str, int] | None = None
        self._ties: int | None = None
        self._unstated: list[str] = []
        self._reconciled: list[dict[str, Any]] = []
        self.load_nos: list[int] = []
        """The loads of the files that were taken."""

    def add(self, found: Loaded | Tried | Refused) -> None:
        """A file is done with."""
        if isinstance(found, Refused):
            self._refused(found.file, failure(found.error))
        elif isinstance(found, Tried):
            self._tried(found)
        else:
            getattr(self, f"_{found.outcome}")(found)

    def upkeep(self, done: Upkeep) -> None:
        """Says which records that waited for their time came in by themselves."""
        if done.due:
            self._more(f"{counted(done.due, 'waiting record')} came due: {done.accepted} accepted")
        for why in done.failures:
            self._more(f"could not be done: {why}", style="yellow")
        for one in reversed(done.reconciled):
            self._reconciled.append(summary_document(one))
            command = again("reconcile", self._app, one.source, one.delivery, store=self._store)
            self._more(f"{visible(one.delivery)} {in_words(one)}" + ("" if agrees(one) else f"; see: {command}"))
        if done.unreconciled:
            number = counted(done.unreconciled, "delivery", "deliveries")
            self._more(f"{number} still to be reconciled: {again('reconcile', self._app, self._source)}")

    def ties(self, number: int, within: bool) -> None:
        """Says how many statements of these files only the digest decides on; `within`: one delivery."""
        self._ties = number
        if number:
            told = "other content at the same key, time and sequence"
            self._more(
                f"{counted(number, 'tie')} ({told}): {again('findings', self._app, store=self._store)}", style="yellow"
            )
            if within:
                self._more("both of one delivery: is the key complete?", style="yellow")

    def lacks(self, attributes: Sequence[str]) -> None:
        """Says which required attributes nobody states."""
        self._unstated = list(attributes)
        for attribute in attributes:
            self._more(lacks(attribute), style="yellow")

    def consolidate(self, store: Store) -> None:
        """Folds what was loaded into the master, as a step of its own."""
        self._consolidation = consolidation_document(fold(self._screen, store))

    def end(self) -> int:
        """The total, or the document; the exit code."""
        if len(self._files) > 1:
            outcomes = [file["outcome"] for file in self._files]
            told = ", ".join(f"{outcomes.count(name)} {name}" for name in dict.fromkeys(outcomes))
            self._screen.show(f"{len(self._files)} files: {told} · {account(self._total)}", style="bold")
        if self._screen.as_json:
            self._screen.document(
                {
                    "source": self._source,
                    "files": self._files,
                    "account": account_document(self._total),
                    "ties": self._ties,
                    "unstated": self._unstated,
                    "reconciled": self._reconciled,
                    "consolidation": self._consolidation,
                }
            )
        return int(any(file["outcome"] in ("refused", "held") or file.get("nothing_accepted") for file in self._files))

    def _line(self, sign: str, style: str, file: str, text: str) -> None:
        self._screen.show(Text.assemble((f"{sign} ", style), (visible(Path(file).name), "bold"), f"  {text}"))

    def _more(self, text: str, style: str = "") -> None:
        self._screen.show(Text(f"    {text}", style=style))

    def _note(self, outcome: str, found: Loaded | Tried, **more: Any) -> None:
        self._total += found.account
        self._files.append(
            {"file": found.file, "outcome": outcome, "delivery": found.delivery}
            | {"account": account_document(found.account)}
            | {"unread": list(found.unread), "absent": list(found.absent)}
            | more
        )

    def _header(self, found: Loaded | Tried) -> None:
        """What its header and the declaration do not have in common."""
        if found.unread:
            self._more(f"nothing reads {_columns(found.unread)}", style="dim")
        if found.absent:
            self._more(f"not stated, for the file has no {_columns(found.absent)}", style="dim")

    def _loaded(self, found: Loaded) -> None:
        published = found.published
        assert published is not None
        self.load_nos.append(published.load_no)
        nothing = found.account.rejected > 0 == found.account.accepted
        self._note(
            "loaded", found, revision=published.revision, commit=published.commit, counts=published.counts,
            findings=list(published.findings), nothing_accepted=nothing,
            gone=None if found.gone is None else found.gone.gone,
        )  # fmt: skip
        told = f"{account(found.account)} · commit {published.commit}"
        if nothing:
            self._line("✗", "bold red", found.file, f"NOTHING ACCEPTED · {told}")
        else:
            self._line("✓", "green", found.file, told)
        if found.gone is not None and found.gone.gone:
            self._more(
                f"it is complete, and ended {count(found.gone.gone)} of {counted(found.gone.alive, 'living record')}"
            )
        if not published.counts:
            self._more("another reading of this delivery ranks higher, so this one does not count", "yellow")
        for finding in published.findings:
            self._more(f"finding: {visible(finding)}", "yellow")
        if found.account.rejected:
            command = again("quarantine", self._app, "list", "--source", self._source, store=self._store)
            self._more(f"{count(found.account.rejected)} in quarantine: {command}", "yellow")
        self._header(found)

    def _known(self, found: Loaded) -> None:
        self._note("known", found, why=found.why)
        self._line("=", "dim", found.file, f"known, nothing to do: {with_app(found.why or '')}")

    def _held(self, found: Loaded) -> None:
        gone = found.gone
        assert gone is not None
        self._note("held", found, gone=gone.gone, alive=gone.alive, why=found.why)
        share = f"{100 * gone.gone / gone.alive:.1f}%" if gone.alive else "–"
        self._line("!", "bold yellow", found.file, f"HELD · {account(found.account)}")
        self._more(
            f"it would end {count(gone.gone)} of {counted(gone.alive, 'living record')} ({share}), "
            "more than its source allows; nothing of it is visible",
            "yellow",
        )
        for word, meaning in (("release", "take it in"), ("refuse", "remove it")):
            command = again("deliveries", self._app, word, self._source, found.delivery, store=self._store)
            self._more(f"{meaning}: {command}", "yellow")
        self._header(found)

    def _tried(self, found: Tried) -> None:
        self._note(
            "tried",
            found,
            revision=found.revision,
            findings=list(found.findings),
            rejects=[reject_document(row) for row in found.rejects],
        )
        self._line("·", "cyan", found.file, f"{account(found.account)} · judged only, nothing kept")
        for finding in found.findings:
            self._more(f"finding: {visible(finding)}", "yellow")
        for row in found.rejects:
            self._more(f"line {row['line']}: {sample(row['raw'])}", "yellow")
            for reason in reasons(row):
                self._more(f"  {reason_line(reason)}")
        rest = found.account.rejected - len(found.rejects)
        if rest:
            self._more(f"and {counted(rest, 'more reject', 'more rejects')}")
        self._header(found)

    def _refused(self, file: str, why: Failure) -> None:
        self._files.append({"file": file, "outcome": "refused", "error": why.document()})
        self._line("✗", "bold red", file, f"REFUSED: {why.message}")
        for line in (why.hint or "").splitlines():
            self._more(line)


def _columns(names: Sequence[str]) -> str:
    return f"{'column' if len(names) == 1 else 'columns'} {', '.join(map(visible, names))}"
