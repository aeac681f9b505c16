"""`trivium export`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Literal

import typer

from trivium.cli.options import AppArgument, AsOfOption, EntityArgument, JsonOption, StoreOption, WhatIfOption
from trivium.cli.words import counted, size, visible
from trivium.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from trivium.cli.screen import Screen
    from trivium.service.opening import Opened

AtCommitOption = Annotated[
    int | None, typer.Option("--at-commit", min=0, metavar="N", help="What was known at a commit, by today's policy.")
]
IncompleteOption = Annotated[bool, typer.Option("--incomplete", help="With the records that lack required attributes.")]
FormatOption = Annotated[Literal["ndjson", "csv"], typer.Option("--format", help="The form of the records.")]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="To a file, whole or not at all.")
]


def export(
    app: AppArgument,
    entity: EntityArgument,
    as_of: AsOfOption = None,
    at_commit: AtCommitOption = None,
    what_if: WhatIfOption = None,
    incomplete: IncompleteOption = False,
    format: FormatOption = "ndjson",
    output: OutputOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Writes the current records of an entity.

    They are ordered by key and in the canonical form: the same master gives the same bytes on every store.
    Attributes declared sensitive are shown: who holds the store holds them too. With --json the records are one
    JSON array, or with --output the figures of the file.

    \b
    Examples
      trivium export shop.py order > orders.ndjson
      trivium export shop.py order --as-of 2026-03-02T12:00:00Z
      trivium export shop.py order --what-if priority --format csv -o orders.csv
    """
    from trivium.cli.opening import Workplace
    from trivium.cli.screen import Screen
    from trivium.engine.canonical import lines
    from trivium.engine.canonical_csv import csv_lines
    from trivium.engine.plain import parse_instant
    from trivium.ports import Moment

    screen, place = Screen(as_json), Workplace(app, store)
    domain = place.application.entity(entity)
    shape = domain.shape(entity.rpartition(".")[2])
    moment = Moment(None if as_of is None else parse_instant(as_of, "--as-of"), at_commit, what_if)
    with place.open(domain) as opened:
        if at_commit is not None:
            _check_commit(opened, at_commit)
        counter = _Counter(opened.store.reader.records(shape.name, moment, ordered=True), incomplete)
        if output is not None:
            form = csv_lines if format == "csv" else lines
            with whole_file(output) as file:
                written = sum(file.write(piece) for piece in form(shape, counter, incomplete=incomplete))
            _note_left_out(screen, counter)
            if as_json:
                figures = {"records": counter.records, "bytes": written, "file": str(output), "format": format}
                screen.document({"entity": shape.name, **figures})
            screen.show(f"{counted(counter.records, 'record')} in {visible(output)} ({size(written)})")
            return
        pieces = (csv_lines if format == "csv" and not as_json else lines)(shape, counter, incomplete=incomplete)
        screen.data(_as_array(pieces) if as_json else pieces)
        _note_left_out(screen, counter)


def _note_left_out(screen: Screen, counter: _Counter) -> None:
    if counter.left_out:
        screen.note(f"{counted(counter.left_out, 'incomplete record')} left out; --incomplete shows them")


class _Counter:
    """Batches on their way, with the number of records in them that are given out, and of incomplete ones that are
    left out."""

    def __init__(self, batches: Iterable[pa.RecordBatch], incomplete: bool) -> None:
        self.records = self.left_out = 0
        self._batches, self._incomplete = batches, incomplete

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa
        import pyarrow.compute as pc

        for batch in self._batches:
            told = (
                batch["_alive"]
                if self._incomplete
                else pc.and_(batch["_alive"], pc.equal(batch["_lacks"], pa.scalar("")))
            )
            records = pc.sum(told).as_py() or 0
            self.records += records
            self.left_out += (pc.sum(batch["_alive"]).as_py() or 0) - records
            yield batch


def _as_array(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """NDJSON in pieces of whole lines as one JSON array."""
    between = b"[\n"
    for piece in pieces:
        yield between + piece[:-1].replace(b"\n", b",\n")
        between = b",\n"
    yield b"[]\n" if between == b"[\n" else b"\n]\n"


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file that appears when it is whole; what stood there before stays until then."""
    if path.exists() and not path.is_file():  # a pipe or a device cannot be renamed onto
        with path.open("wb") as file:
            yield file
        return
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with aside.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror or error}", hint="name another --output"
        ) from error
    finally:
        aside.unlink(missing_ok=True)


def _check_commit(opened: Opened, commit: int) -> None:
    last = opened.store.control.status()["commit"]
    if commit > last:
        raise UsageError(f"there is no commit {commit} yet", hint=f"the last commit is {last}")
