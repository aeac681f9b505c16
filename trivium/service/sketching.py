"""A source declaration proposed from a sample file, and tried on it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from trivium.channels.batch import file_name
from trivium.engine.judge import Judge, Session
from trivium.engine.sketch import (
    Draft,
    Guess,
    LikelyKey,
    Sample,
    ending_of,
    guesses,
    json_columns,
    known_of,
    likely_key,
    module_text,
    sampled,
)
from trivium.engine.sketch.module import class_name
from trivium.errors import RefusedDelivery, UsageError
from trivium.model.domain import Domain
from trivium.model.files import parse_files
from trivium.model.formats import Csv, JsonFile, format_words
from trivium.model.instants import instant_of
from trivium.model.numbers import Marks

_TRIES: Final = 8
_MARKED: Final = "numbers with marks of their own"


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is proposed. `accepted` of `records`, the first of the file, would be taken by it; `torn` could not be told
    into columns. `trailer`: what the last line is taken for."""

    module: str
    format: str
    key: tuple[str, ...]
    columns: dict[str, str]
    records: int
    accepted: int
    torn: int
    whole: bool
    trailer: str | None


def sketch(path: Path, entity: str | None, *, now: dt.datetime) -> Sketch:
    """The proposal for files like this one. Raises RefusedDelivery, ReadingError where it cannot be read, UsageError
    where there is nothing in it to go by."""
    try:
        with path.open("rb") as file:
            sample = sampled(file)
    except OSError as error:
        raise RefusedDelivery(
            f"{path} cannot be read: {error.strerror}", hint="give the path of a readable file"
        ) from error
    table = sample.table
    if sample.format.documents:
        table = json_columns(table["json"])
    if not table.num_rows or not table.num_columns:
        raise UsageError(f"{path.name} has no records to go by", hint="give a file with some")
    table = table.select([name for name in table.column_names if name])
    session = Session(threads=2)
    try:
        found = guesses(session, table)
        draft = _draft(path, entity, sample, found, likely_key(session, table, found), now)
        draft = _ended(draft, session, sample)
    finally:
        session.close()
    for _ in range(_TRIES):
        domain = _made(draft)
        accepted, blamed = _tried(domain, sample, path, now)
        fallen = _fallen(draft, blamed)
        if fallen is None:
            break
        draft = fallen
    trailing = draft.last is not None and draft.ending.trailer is None and draft.ending.ignore is None
    return Sketch(
        module_text(draft),
        format_words(draft.format),
        draft.key if draft.ordinal is None else (*draft.key, "line"),
        {draft.names[guess.column]: guess.type for guess in draft.found},
        table.num_rows + sample.torn + trailing,
        accepted,
        sample.torn + trailing,
        sample.whole,
        draft.ending.trailer,
    )


def _draft(
    path: Path, entity: str | None, sample: Sample, found: list[Guess], likely: LikelyKey, now: dt.datetime
) -> Draft:
    format, found, remarks = _marked(sample, found)
    ordinal, key = None, likely.columns
    if not key:
        filled = [guess for guess in found if not guess.nullable and guess.type in ("str", "int", "date")]
        if not filled:
            raise UsageError(
                f"{path.name} has no column that is never empty, so nothing can be its key",
                hint="look at the file: is it one of records? Then write the source by hand, see docs/declare.md",
            )
        ordinal, key = filled[0].column, (filled[0].column,)
    if sample.torn:
        records = "record" if sample.torn == 1 else "records"
        remarks.append(f"{sample.torn:,} {records} of those looked at could not be told into columns")
    if not sample.whole:
        last = ": whether its last line is a trailer is not known" if isinstance(format, Csv) else ""
        remarks.append(f"only the beginning of the file was looked at{last}")
    stem = path.name.partition(".")[0]
    name = class_name(entity or stem)
    return Draft(
        name, path.name, format, tuple(found), key, ordinal, today=now.strftime("%Y-%m-%dT00:00:00Z"),
        remarks=tuple(remarks), format_remarks=sample.remarks, key_remark=likely.unsure,
        last=None if sample.last is None else sample.last.decode("utf-8", "replace"),
    )  # fmt: skip


def _ended(draft: Draft, session: Session, sample: Sample) -> Draft:
    """With what its last line says of the records, which the session shows."""
    pattern = draft.pattern.text
    if draft.last is None or not isinstance(draft.format, Csv):
        return draft
    named = None if pattern is None else parse_files(pattern, "sketch").match(draft.file)
    known = known_of(
        session, sample.table, sample.torn, draft.found, draft.names, {} if named is None else named.captured,
        draft.format.marks,
    )  # fmt: skip
    return dataclasses.replace(draft, ending=ending_of(draft.last, draft.format, known))


def _marked(sample: Sample, found: list[Guess]) -> tuple[Any, list[Guess], list[str]]:
    """The format with the marks that most columns of numbers have; columns with others are texts."""
    given = Counter(guess.marks for guess in found if guess.marks is not None)
    if not given:
        return sample.format, found, []
    marks: Marks | None = given.most_common(1)[0][0]
    points = any(guess.type in ("Decimal", "float") and guess.marks is None for guess in found)
    if not isinstance(sample.format, Csv) or marks is None or (points and marks.decimal != "."):
        told = [_as_text(guess, _MARKED) if guess.marks else guess for guess in found]
        return sample.format, told, []
    format = dataclasses.replace(sample.format, decimal=marks.decimal, thousands=marks.thousands)
    told = [
        _as_text(guess, "a number with marks of its own") if guess.marks not in (None, marks) else guess
        for guess in found
    ]
    return format, told, []


def _as_text(guess: Guess, why: str) -> Guess:
    return dataclasses.replace(guess, type="str", format=None, marks=None, local=False, unsure=f"{why}: left a text")


def _made(draft: Draft) -> Domain:
    """The domain that the proposed module declares."""
    name = "trivium_sketch"
    module = ModuleType(name)
    sys.modules[name] = module  # so that annotations can be resolved
    try:
        exec(compile(module_text(draft), f"<{draft.file}>", "exec"), module.__dict__)  # noqa: S102 - our own text
    finally:
        sys.modules.pop(name, None)
    return next(value for value in vars(module).values() if isinstance(value, Domain))


def _tried(domain: Domain, sample: Sample, path: Path, now: dt.datetime) -> tuple[int, Counter[str]]:
    """How many records the proposal takes, and how often each attribute is blamed."""
    source = domain.sources[0]
    accepted, blamed = 0, Counter[str]()
    captured = file_name(source, path).captured
    with Judge(domain, source, arrived_at=instant_of(now), captured=captured) as judge:
        for chunk in sample.chunks:
            verdict = judge.judge(chunk)
            accepted += verdict.account.accepted
            if verdict.rejected is not None:
                for row in verdict.rejected.to_pylist():
                    blamed.update({one["field"] for one in json.loads(row["reasons"]) if one["field"]})
    return accepted, blamed


def _fallen(draft: Draft, blamed: Counter[str]) -> Draft | None:
    """The proposal with what is blamed as a wider type; None where nothing can be wider."""
    found, changed = [], False
    for guess in draft.found:
        if draft.names[guess.column] in blamed:
            if guess.type not in ("str", "Json"):
                guess, changed = _as_text(guess, f"not every value is a {guess.type}"), True
            elif guess.type == "str" and isinstance(draft.format, JsonFile) and guess.column not in draft.key:
                guess, changed = dataclasses.replace(guess, type="Json", unsure="values of several types"), True
        found.append(guess)
    return dataclasses.replace(draft, found=tuple(found)) if changed else None
