"""`trivium report`."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from trivium.cli.options import AppArgument, JsonOption, StoreOption
from trivium.cli.words import visible
from trivium.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from trivium.model.domain import View

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The name of a view.")]
FormatOption = Annotated[
    Literal["table", "json", "csv", "ndjson"], typer.Option("--format", help="The form of the rows.")
]
ParamOption = Annotated[
    list[str] | None, typer.Option("--param", "-p", metavar="NAME=VALUE", help="A parameter of the view; repeatable.")
]


def report(
    app: AppArgument,
    name: NameArgument,
    format: FormatOption = "table",
    param: ParamOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Runs a view over the current records.

    A view sees the complete, living records of its domain. A parameter that is not given has the value declared
    with the view. --json is --format json.

    \b
    Examples
      trivium report shop.py by_status
      trivium report shop.py by_status --param status=paid --format csv
    """
    import pyarrow as pa

    from trivium.cli.opening import Workplace
    from trivium.cli.screen import Screen

    screen, place = Screen(as_json or format != "table"), Workplace(app, store)
    domain = place.application.view(name)
    view = domain.view(name)
    values = _values(view, param or [])
    with place.open(domain) as opened:
        rows = pa.Table.from_batches(opened.store.reader.view(view.sql, values))
    if as_json or format == "json":
        screen.document(_rows(rows))
    elif format == "ndjson":
        screen.data(json.dumps(row, ensure_ascii=False) + "\n" for row in _rows(rows))
    elif format == "csv":
        screen.data([_csv(rows)])
    else:
        _show(screen, rows)


def _values(view: View, given: list[str]) -> dict[str, str | None]:
    values = dict(view.parameters)
    for one in given:
        name, sign, value = one.partition("=")
        if not sign:
            raise UsageError(f"--param {one!r} has no value", hint=f"write it like --param {name}=…")
        if name not in values:
            known = ", ".join(view.parameters) or "none"
            raise UsageError(f"{view.name} has no parameter {name!r}", hint=f"parameters: {known}")
        values[name] = value
    return values


def _rows(rows: pa.Table) -> list[dict[str, Any]]:
    return [{name: _plain(value) for name, value in row.items()} for row in rows.to_pylist()]


def _csv(rows: pa.Table) -> bytes:
    import pyarrow as pa
    from pyarrow.csv import WriteOptions, write_csv

    header = io.StringIO()
    csv.writer(header, lineterminator="\n").writerow(rows.column_names)
    sink = pa.BufferOutputStream()
    if rows.num_rows:  # of a batch without rows Arrow writes what happens to lie in memory
        write_csv(rows.combine_chunks(), sink, WriteOptions(include_header=False, quoting_style="needed"))
    return header.getvalue().encode() + sink.getvalue().to_pybytes()


def _plain(value: Any) -> Any:
    """A value of a view as a JSON value: decimals and times as texts, as everywhere."""
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if hasattr(value, "isoformat"):
        naive_instant = hasattr(value, "hour") and hasattr(value, "year") and value.tzinfo is None
        return f"{value.isoformat()}{'Z' if naive_instant else ''}"
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def _show(screen: Any, rows: pa.Table) -> None:
    import pyarrow as pa

    from trivium.cli.screen import table

    numbers = [f.name for f in rows.schema if pa.types.is_integer(f.type) or pa.types.is_decimal(f.type)]
    told = [["–" if v is None else visible(v) for v in row.values()] for row in _rows(rows)]
    screen.show(table(*rows.column_names, right=numbers, rows=told))
    if not told:
        screen.note("no rows")
