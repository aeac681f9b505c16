"""The reference of what is read over HTTP, made from the operations: `python -m trivium.web.page docs/http.md` writes
it behind the page's last heading."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from trivium.web.choosing import SIGNS
from trivium.web.operation import Operation
from trivium.web.outlines import OPERATIONS

HEADING: Final = "## All operations\n"


def reference() -> str:
    """The reference as Markdown."""
    return HEADING + "".join(part for operation in OPERATIONS for part in _operation(operation))


def _operation(one: Operation) -> Iterator[str]:
    path = one.path.replace("{domain}", "DOMAIN").replace("{entity}", "ENTITY")
    path = path.replace("{key}", "KEY").replace("{name}", "NAME")
    yield f"\n### {one.method} {path}\n\n{one.about}\n\n"
    if one.filters and "{entity}" in one.path:
        yield f"Filters: every attribute, also with .{', .'.join(SIGNS)}.\n\n"
    yield "| parameter | | |\n|---|---|---|\n"
    for parameter in one.asked:
        usual = "" if parameter.usual is None else f"; {str(parameter.usual).lower()} if it is not given"
        yield f"| `{parameter.name}` | {parameter.allowed}{usual} | {parameter.about} |\n"
    for status, told in one.answers.items():
        yield f"\n{status}: {told.about}\n"
    if one.members:
        yield f"\n`{one.rows}` have:\n\n| member | | |\n|---|---|---|\n"
        for member in one.members:
            yield f"| `{member.path}` | {member.kind}{'' if member.always else ' or null'} | {member.about} |\n"


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(file.read_text().partition(HEADING)[0] + reference())
