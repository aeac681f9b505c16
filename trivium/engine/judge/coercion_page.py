"""docs/coercion.md, made from the examples: `python -m trivium.engine.judge.coercion_page > docs/coercion.md`."""

from __future__ import annotations

from collections.abc import Iterator

from trivium.engine.judge.coercion import LINES, NO, NOTHING, REFUSED, TYPES


def page() -> str:
    """The page for people."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# What is accepted, and what is refused"
    yield ""
    yield (
        "<!-- Made by `python -m trivium.engine.judge.coercion_page > docs/coercion.md`; "
        "a test runs every line of it. -->"
    )
    yield ""
    yield (
        "Every value is judged from the text that was sent. It is accepted if it says a value of its type beyond "
        "doubt, and then exactly that value is kept; nothing is rounded, cut or guessed. ✗ is a rejection with the "
        "rule that it is given under. Where a source writes its values in another way, its declaration says so: "
        "`columns={\"price\": \"number(replace(price, ',', '.'))\"}`."
    )
    yield ""
    yield (
        "*Cell* is a cell of CSV, *text* a JSON text (in quotes), *bare* what stands in JSON without quotes. What is "
        "no token of JSON makes the whole record none, which is the rule `json`. The result of an expression is "
        "judged like a cell."
    )
    for type_ in TYPES:
        yield from ("", f"## {type_.name}", "", f"{type_.rule[0].upper()}{type_.rule[1:]}.", "")
        yield "| sent | cell | text | bare | |"
        yield "|---|---|---|---|---|"
        for e in type_.examples:
            yield f"| {_code(e.sent)} | {_shown(e.cell)} | {_shown(e.text)} | {_shown(e.bare)} | {e.why} |"
    yield from ("", "## Absent, null, empty", "")
    yield (
        "What is not stated is left as it is; null is a value, where null is allowed (`| None`). A facet is stated "
        "whole. An optional facet is null as a whole, or none of its members is that may not be null by itself. "
        "Shown for an attribute that is a text, and for a facet of two texts. A column that a mapping names must be in "
        "the header, unless the attribute or facet is optional (`= None`) and takes it as it is: then it is not "
        "stated, and `load` says so."
    )
    yield ""
    yield "| sent | required | may be null | facet | optional facet | key |"
    yield "|---|---|---|---|---|---|"
    for n in NOTHING:
        yield f"| {n.sent} | {n.required} | {n.nullable} | {n.facet} | {n.optional_facet} | {n.key} |"
    yield from ("", "## Lines and records of CSV", "")
    yield (
        "A record is a line, or several where a cell in quotes holds line ends. A quote that is not closed could "
        "swallow records: one that has lines behind it refuses the file, however long it is, and so does one that is "
        "open where the first line of a record ends that is too long to be held (64 MiB). A source whose quotes are "
        "plain characters declares `quote=None`; then every line is a record. Shown for a file with the columns a "
        "and b; ⏎ is the end of a line (LF, CRLF or CR). The first line names the columns, each by another name. Where "
        "every line ends with a separator, so that the last column has no name, its cells must be empty; a record in "
        "which one is not is rejected, which is the rule `nameless_cell`."
    )
    yield ""
    yield "| sent | records | with `quote=None` | |"
    yield "|---|---|---|---|"
    for lines in LINES:
        yield f"| `{lines.sent}` | {_records(lines.quoted)} | {_records(lines.plain)} | {lines.why} |"
    yield ""
    yield (
        "In the same way an array of JSON refuses the file if it is not closed, if anything stands behind it, or if "
        "one of its elements is too long to be held: what follows could not be read, and would be missed by nobody."
    )
    yield ""
    yield (
        "A rejected record of several lines may be several records that a stray quote made one of. So `quarantine "
        "mend` does not replace it by fewer lines unless that is said (`--fewer-lines`), and tells how much text was "
        "replaced by how much."
    )


def _code(sent: str) -> str:
    inner = sent.strip()
    if not inner:
        return "(nothing)"
    before, _, after = sent.partition(inner)
    return f"`{'␠' * len(before)}{inner}{'␠' * len(after)}`"


def _shown(outcome: str | None) -> str:
    if outcome is None:
        return ""
    return outcome if outcome.startswith(NO) else _code(outcome)


def _records(outcome: str) -> str:
    if outcome == REFUSED:
        return outcome
    return "; ".join(one if one.startswith(NO) else f"`{one}`" for one in outcome.split("; "))


if __name__ == "__main__":
    print(page(), end="")
