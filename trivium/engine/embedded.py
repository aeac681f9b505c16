"""A DuckDB in memory: the engine that judges, renders, and runs views."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Final

import duckdb

MEMORY: Final = "300MB"
"""What an engine may use before it spills, where nobody says otherwise."""


def embedded(*, memory: str = MEMORY, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A new one, in UTC, which the caller closes. `memory` (such as `1GB`) and `threads` (None: one for every core)
    bound what it takes of the machine. It fetches nothing by itself."""
    config: dict[str, Any] = {
        "memory_limit": memory,
        "temp_directory": tempfile.gettempdir(),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    if threads is not None:
        config["threads"] = str(threads)
    engine = duckdb.connect(config=config)
    # Imported by `python -m`, DuckDB takes the process for a desk and draws its progress on our stdout.
    engine.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
    return engine


@contextmanager
def rendering() -> Iterator[duckdb.DuckDBPyConnection]:
    """One for a stream of small pieces, in their order: it needs one thread."""
    with closing(embedded(threads=1)) as engine:
        yield engine
