"""The server for tests does what the tests that use it rely on."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.servers.postgres import Postgres

pytestmark = pytest.mark.server


def sorted_text(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [text for (text,) in connection.execute("SELECT t FROM (VALUES ('B'), ('a')) v(t) ORDER BY t")]


def test_the_two_databases_sort_text_differently(postgres_url_en: str, postgres_url_c: str) -> None:
    assert sorted_text(postgres_url_en) == ["a", "B"]
    assert sorted_text(postgres_url_c) == ["B", "a"]


def test_what_was_committed_outlives_a_crash_and_nothing_is_left_at_the_end() -> None:
    with Postgres(max_connections="7") as server:
        home = server._home
        with psycopg.connect(server.url_c) as connection:
            connection.execute("CREATE TABLE t AS SELECT 42 AS n")
            connection.commit()
            connection.execute("INSERT INTO t VALUES (43)")
            server.crash()
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT 1")
        server.restart()
        with psycopg.connect(server.url_c) as connection:
            assert connection.execute("SELECT n FROM t").fetchall() == [(42,)]
            assert connection.execute("SHOW fsync").fetchone() == ("on",)
            assert connection.execute("SHOW max_connections").fetchone() == ("7",)
    assert not Path(home).exists()
