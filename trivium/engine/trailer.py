"""What the last line of a file says of the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from trivium.engine.promise import Promise, count_of, digest_of, number_of, shown
from trivium.engine.reading import LastLine
from trivium.errors import RefusedDelivery
from trivium.model.terms import DIGEST, ROWS, Trailer

_BY = "trailer"


def trailer_promise(declared: Trailer, last: LastLine, totals: Iterable[str], captured: Mapping[str, str]) -> Promise:
    """The promise in the last line, which was read. `captured`: what the file's name gives, which a trailer may repeat.

    Raises RefusedDelivery where the line is no trailer, or is that of another file.
    """
    assert last.line is not None
    said = declared.match(last.line.decode("utf-8", "replace"))
    if said is None:
        raise trailer_missing(declared, last.line, last.first_byte)
    for name, value in captured.items():
        if said.get(name, value) != value:
            raise _refused(
                f"the trailer is that of another file: its {name} is {shown(said[name])}, the name's {shown(value)}",
                "look at what the file is called",
            )
    sums = {name: number_of(declared.marks.plain(said[name])) for name in totals if name in said}
    found = Promise(
        _BY,
        rows=count_of(said.get(ROWS)),
        totals={name: value for name, value in sums.items() if value is not None},
        sha256=digest_of(said.get(DIGEST)),
    )
    for name in said:
        if {ROWS: found.rows, DIGEST: found.sha256, **sums}.get(name, "") is None:
            raise _refused(f"the trailer gives {name} as {shown(said[name])}, which is none", "have it corrected")
    return found


def trailer_missing(declared: Trailer, line: bytes | None, first_byte: int | None) -> RefusedDelivery:
    """The refusal of a file whose last line is no trailer."""
    text = "" if line is None else f": its last line, at byte {first_byte}, is {shown(line.decode('utf-8', 'replace'))}"
    return RefusedDelivery(
        f"the file has no trailer{text}",
        hint=f"it is most likely cut off: have it sent whole, with a last line like {declared.text}",
        details={"rule": "trailer_missing"},
    )


def _refused(message: str, hint: str) -> RefusedDelivery:
    return RefusedDelivery(message, hint=hint, details={"rule": "trailer"})
