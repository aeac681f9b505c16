"""What both mending and dropping ask of the DuckDB store's quarantine."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from trivium.adapters.stores.duckdb.catalog import Catalog
from trivium.engine.places import record_name
from trivium.errors import UsageError


def require_open(catalog: Catalog, cursor: duckdb.DuckDBPyConnection, load_no: int, places: Sequence[int]) -> None:
    """Raises UsageError unless the load's records at these places are in quarantine and open."""
    t = catalog.database.table
    found = cursor.execute(
        f"SELECT q.place FROM {t('_quarantine')} AS q JOIN {t('_load')} USING (load_no) "
        f"WHERE q.load_no = ? AND NOT EXISTS (SELECT 1 FROM {t('_resolution')} AS r "
        "WHERE r.load_no = q.load_no AND r.place = q.place)",
        [load_no],
    ).fetchall()
    for place in sorted(set(places) - {row[0] for row in found}):
        raise UsageError(
            f"no open quarantined record {record_name(load_no, place)}", hint="`trivium quarantine APP list` shows them"
        )
