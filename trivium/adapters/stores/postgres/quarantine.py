"""What both mending and dropping ask of the PostgreSQL store's quarantine."""

from __future__ import annotations

from collections.abc import Sequence

from trivium.adapters.stores.postgres.database import Connection, Database
from trivium.engine.places import record_name
from trivium.errors import UsageError


def require_open(database: Database, connection: Connection, load_no: int, places: Sequence[int]) -> None:
    """Raises UsageError unless the load's records at these places are in quarantine and open.

    They stay so until the connection's transaction ends: whoever else wants to resolve one of them waits for it.
    """
    t = database.table
    connection.execute(
        f"SELECT 1 FROM {t('_quarantine')} WHERE load_no = %s AND place = ANY(%s) ORDER BY place FOR UPDATE",
        [load_no, list(places)],
    )
    found = connection.execute(
        f"SELECT q.place FROM {t('_quarantine')} AS q JOIN {t('_load')} USING (load_no) "
        f"WHERE q.load_no = %s AND NOT EXISTS (SELECT 1 FROM {t('_resolution')} AS r "
        "WHERE r.load_no = q.load_no AND r.place = q.place)",
        [load_no],
    ).fetchall()
    for place in sorted(set(places) - {row[0] for row in found}):
        raise UsageError(
            f"no open quarantined record {record_name(load_no, place)}", hint="`trivium quarantine APP list` shows them"
        )
