"""Where one measurement writes."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.inputs import cache


@contextmanager
def scratch() -> Iterator[Path]:
    """An empty folder on the disk of the inputs, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="work-", dir=cache()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def megabytes(folder: Path) -> float:
    """What the files in a folder take."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def drop_schema(postgres: str, domain: str) -> None:
    """A PostgreSQL as if it had never had a store of the domain."""
    import psycopg  # its memory counts for those who use it

    with psycopg.connect(postgres, autocommit=True) as connection:
        for (schema,) in connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE %s", [f"%{domain}"]
        ).fetchall():
            connection.execute(f'DROP SCHEMA "{schema}" CASCADE')
