"""Terms: what a source and its sender say of a file as a whole, and what a file has to keep to be believed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal, get_args

from trivium.errors import DeclarationError
from trivium.model.beside import check_pattern, is_beside, names_beside
from trivium.model.expressions import Expression, parse
from trivium.model.files import REVISION
from trivium.model.keywords import checked
from trivium.model.naming import check_name
from trivium.model.numbers import PLAIN, Marks

Empty = Literal["refuse", "zero"]
Unknown = Literal["note", "refuse"]

ROWS: Final = "rows"
DIGEST: Final = "sha256"
ANYTHING: Final = "_"
"""A capture of a trailer that nobody looks at."""
_RESERVED: Final = (ROWS, DIGEST, ANYTHING)
_CAPTURE: Final = re.compile(r"\{([^{}:]*)(?::([^{}]*))?\}")


@checked
@dataclass(frozen=True, slots=True)
class Manifest:
    """A file beside each file, which says what has to be in it: a JSON object, or lines `name,value`.

    `pattern`: how it is called; `*` is the name of the file, with or without its extension. The others are paths in
    it, such as `control.rows`. A path that is declared has to be there; where none is, the member of the word's own
    name (of a total `totals.NAME`) is read if it is there. `rows`: the number of records. `totals`: by the name of
    the total. `sha256`, `size`: of the file's bytes as they were sent. `revision`: of the delivery. `cut_off`: the
    instant of which the file speaks. `file`: the name of the file.
    """

    pattern: str
    rows: str | None = None
    totals: Mapping[str, str] | None = None
    sha256: str | None = None
    size: str | None = None
    revision: str | None = None
    cut_off: str | None = None
    file: str | None = None

    def names(self, file_name: str) -> tuple[str, ...]:
        """How the manifest of a file may be called, the likeliest first."""
        return names_beside(self.pattern, file_name)

    def is_called(self, file_name: str) -> bool:
        """Whether a manifest is called so."""
        return is_beside(self.pattern, file_name)


@dataclass(frozen=True, slots=True)
class Trailer:
    """`T;{rows};{amount}`: what the last line of a file that is not blank says. `{rows:9}` has nine characters.
    `marks`: how its totals are written."""

    text: str
    captures: tuple[str, ...]
    form: re.Pattern[str] = field(repr=False)
    marks: Marks = PLAIN

    @property
    def hashed(self) -> bool:
        """Whether it gives the SHA-256 of what stands before it."""
        return DIGEST in self.captures

    def match(self, line: str) -> dict[str, str] | None:
        """What a line says, by capture, without the spaces around it; None where it is no trailer."""
        found = self.form.fullmatch(line)
        return None if found is None else {name: value.strip() for name, value in found.groupdict().items()}


@dataclass(frozen=True, slots=True)
class RejectLimit:
    """How many records may be rejected, and which share of those that are not ignored (from 0 to 1)."""

    text: str
    most: int | None
    share: Decimal | None

    def certainly(self, rejected: int) -> bool:
        """Whether so many are too many, whatever follows."""
        return self.most is not None and rejected > self.most

    def exceeded(self, rejected: int, judged: int) -> bool:
        """Whether so many of so many are too many."""
        return self.certainly(rejected) or (self.share is not None and rejected > self.share * judged)


@dataclass(frozen=True, slots=True)
class Terms:
    """What `Batch` declares of its files as a whole, checked."""

    manifest: Manifest | None = None
    trailer: Trailer | None = None
    totals: Mapping[str, Expression] = field(default_factory=dict)
    reject_limit: RejectLimit | None = None
    empty: Empty = "refuse"
    unknown: Unknown = "note"

    @property
    def gives_cut_off(self) -> bool:
        """Whether every manifest says of which instant its file speaks."""
        return self.manifest is not None and self.manifest.cut_off is not None


def parse_terms(
    where: str,
    *,
    manifest: str | Manifest | None,
    trailer: str | None,
    totals: Mapping[str, str] | None,
    reject_limit: str | None,
    empty: str,
    unknown: str,
    captures: Sequence[str],
    by_lines: bool,
    has_header: bool,
    marks: Marks = PLAIN,
) -> Terms:
    """The terms of a source. `captures`: what its files' names give. `by_lines`: a line of its format can be told from
    the others. `has_header`: its columns have names of their own. `marks`: how its numbers are written."""
    found = {
        name: _total(name, text, f"{where}, total {name}", captures, marks) for name, text in (totals or {}).items()
    }
    beside = Manifest(manifest) if isinstance(manifest, str) else manifest
    if beside is not None:
        _check_manifest(beside, found, where)
    last = None if trailer is None else _trailer(trailer, where, found, captures, marks)
    if last is not None and not by_lines:
        cure = "only csv and formats of one record a line have a last line"
        raise DeclarationError(where, "has a trailer, but its format has no lines", cure=cure)
    if found and beside is None and (last is None or not set(found) <= set(last.captures)):
        cure = "declare the manifest or the trailer that says what they should come to"
        raise DeclarationError(where, "has totals that nothing is compared with", cure=cure)
    for word, given, known in (("empty", empty, Empty), ("unknown", unknown, Unknown)):
        if given not in get_args(known):
            raise DeclarationError(where, f"{word}={given!r}", cure=f"one of {', '.join(get_args(known))}")
    if unknown == "refuse" and not has_header:
        cure = "leave it out: only a file with a header has columns that nothing reads"
        raise DeclarationError(where, "unknown='refuse', but its format has no header", cure=cure)
    limit = None if reject_limit is None else _reject_limit(reject_limit, where)
    return Terms(beside, last, found, limit, empty, unknown)  # type: ignore[arg-type]  # checked above


def _total(name: str, text: str, where: str, captures: Sequence[str], marks: Marks) -> Expression:
    check_name(name, where)
    if name in (*_RESERVED, REVISION) or name in captures:
        raise DeclarationError(where, "a total cannot be called so", cure="give it another name")
    expression = parse(text, where, exact=True, marks=marks)
    if expression.ordinals:
        raise DeclarationError(where, "a total of ordinals", cure="sum a column of the records")
    return expression


def _check_manifest(manifest: Manifest, totals: Mapping[str, Expression], where: str) -> None:
    check_pattern(manifest.pattern, "the manifest", where)
    for name in manifest.totals or {}:
        if name not in totals:
            cure = f"say what it is the sum of: totals={{{name!r}: 'a column'}}"
            raise DeclarationError(where, f"the manifest gives a total {name!r} that is not declared", cure=cure)


def _trailer(text: str, where: str, totals: Mapping[str, Expression], captures: Sequence[str], marks: Marks) -> Trailer:
    parts = _CAPTURE.split(text)
    form, names = re.escape(parts[0]), []
    for name, width, plain in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        if name not in _RESERVED and name not in totals and name not in captures:
            known = ", ".join((*_RESERVED, *totals, *captures))
            cure = f"captures: {known}; of a total declare what it is the sum of, totals={{…}}"
            raise DeclarationError(where, f"trailer={text!r} captures {name!r}, which is not known", cure=cure)
        if width is not None and not re.fullmatch(r"[1-9][0-9]{0,2}", width):
            cure = "the number of its characters, such as {rows:9}"
            raise DeclarationError(where, f"trailer={text!r}: the width {width!r}", cure=cure)
        if name != ANYTHING and name in names:
            raise DeclarationError(where, f"trailer={text!r} captures {name!r} twice", cure="once is enough")
        value = ".*?" if width is None else f".{{{width}}}"
        form += (f"(?:{value})" if name == ANYTHING else f"(?P<{name}>{value})") + re.escape(plain)
        names.append(name)
    if not set(names) - {ANYTHING} - set(captures):
        cure = "such as 'T;{rows}'"
        raise DeclarationError(where, f"trailer={text!r} says nothing of the records", cure=cure)
    return Trailer(text, tuple(names), re.compile(form, re.DOTALL), marks)


def _reject_limit(text: str, where: str) -> RejectLimit:
    match = re.fullmatch(r"(?P<most>\d{1,15})|(?:(?P<both>\d{1,15}) or )?(?P<share>\d{1,3}(?:\.\d+)?)%", text)
    if match is None or (match["share"] and Decimal(match["share"]) > 100):
        raise DeclarationError(where, f"reject_limit={text!r}", cure="such as '100', '1%' or '100 or 1%'")
    most = match["most"] or match["both"]
    return RejectLimit(
        text, None if most is None else int(most), None if match["share"] is None else Decimal(match["share"]) / 100
    )
