"""Reads a sheet in a process of its own, which `excel_file` starts: a workbook of a few kilobytes may ask for more
memory than there is, and the library ends its process then. It imports nothing of Trivium.

Standard input is the workbook, a file; standard output gets the answer: a line of JSON, `{"sheets": […]}` with `rows`
where Arrow's stream of the sheet follows, or `{"error": …}`.
"""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any


def main(wanted: str | int | None, memory: int, seconds: int) -> None:
    """`wanted`: the name or the number of the sheet; None: the only one. Without such a sheet no rows are given."""
    _bound(memory, seconds)
    import fastexcel
    import pyarrow as pa

    out: Any = sys.stdout.buffer
    with os.fdopen(os.dup(0), "rb") as file:
        file.seek(0)
        data = file.read()
    try:
        book = fastexcel.read_excel(data)
        names = list(book.sheet_names)
        name = _chosen(names, wanted)
        if name is None:
            out.write(_line({"sheets": names}))
            return
        sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
        batch, failed = sheet.to_arrow_with_errors()
    except fastexcel.FastExcelError as error:
        out.write(_line({"error": str(error).split("\n")[0]}))
        return
    errors: list[tuple[int, int, str]] = []
    for one in failed.errors if failed else ():
        row, column = one.position
        kind = re.search(r"Error\((\w+)\)", one.detail)
        errors.append((row + 1, column, kind[1] if kind else one.detail))
    out.write(_line({"sheets": names, "errors": errors, "rows": batch.num_rows}))
    stream: Any = pa.ipc.new_stream(out, batch.schema)
    with stream:
        for low in range(0, batch.num_rows, 1 << 16):
            stream.write_batch(batch.slice(low, 1 << 16))


def _chosen(names: list[str], wanted: str | int | None) -> str | None:
    if wanted is None:
        return names[0] if len(names) == 1 else None
    if isinstance(wanted, int):
        return names[wanted - 1] if wanted <= len(names) else None
    return wanted if wanted in names else None


def _bound(memory: int, seconds: int) -> None:
    try:
        import resource
    except ImportError:  # a system that has no such limits
        return
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode() + b"\n"


if __name__ == "__main__":
    main(*json.loads(sys.argv[1]))
