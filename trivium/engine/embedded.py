"""A DuckDB in memory: the engine that judges, renders, and runs views."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, Final

import duckdb
import pyarrow as pa

MEMORY: Final = "300MB"
"""What an engine may use before it spills, where nobody says otherwise."""


_DATASET: Final = "pyarrow.dataset"
_modules: dict[str, Any] = sys.modules  # whose None means: there is none

# Of every value that is bound to a statement DuckDB asks whether it is one of pandas. Where that is not installed,
# Python would look for it in all its folders again each time: 0.3 ms a value. Arrow asks once, with the first array,
# and does not understand this answer.
if "pandas" not in sys.modules and find_spec("pandas") is None:
    pa.array([])
    _modules["pandas"] = None


def _pass_over_datasets() -> None:
    """Where there is this module DuckDB has it read Arrow tables, in threads of its own: 0.7 ms for a handful of rows.
    Without it, it reads them itself."""
    _modules.setdefault(_DATASET, None)


_pass_over_datasets()
_changing = threading.Lock()
_importing = 0
"""How many import."""


@contextmanager
def importing() -> Iterator[None]:
    """While modules that are not ours are imported: they find all there is. May be nested, and used by many threads."""
    global _importing
    with _changing:
        _importing += 1
        if _modules.get(_DATASET, ...) is None:
            del _modules[_DATASET]
    try:
        yield
    finally:
        with _changing:
            _importing -= 1
            if not _importing:
                _pass_over_datasets()


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


_MOST_IDLE: Final = 8
_idle: list[duckdb.DuckDBPyConnection] = []
"""Engines that have rendered: to open one takes longer than to render a page."""
_left: list[duckdb.DuckDBPyConnection] = []
"""Those of the process that this one was forked from, which must not be touched here."""


@contextmanager
def rendering() -> Iterator[duckdb.DuckDBPyConnection]:
    """One for a stream of small pieces, in their order: it needs one thread. What is registered in it is called
    `batch`."""
    engine = _idle.pop() if _idle else embedded(threads=1)
    try:
        yield engine
        engine.unregister("batch")
    except BaseException:
        engine.close()
        raise
    if len(_idle) < _MOST_IDLE:
        _idle.append(engine)
    else:
        engine.close()


def _leave() -> None:
    _left.extend(_idle)
    _idle.clear()


os.register_at_fork(after_in_child=_leave)
