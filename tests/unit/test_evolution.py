"""What a store was made for against what is declared, where no store is needed to tell."""

from __future__ import annotations

from trivium import Domain, Entity, Key
from trivium.engine.evolution import changes, describe
from trivium.engine.tables import FORMAT


class Thing(Entity):
    """Anything."""

    thing_id: Key[str]


things = Domain("things", [Thing], [])


def test_a_store_of_another_format_is_refused_with_the_way_out() -> None:
    (change,) = changes(describe(things), str(FORMAT + 1), things)
    assert not change.allowed
    assert f"format {FORMAT + 1}" in change.what
    assert change.way_out


def test_a_store_of_this_format_and_declaration_changes_nothing() -> None:
    assert changes(describe(things), str(FORMAT), things) == []


def test_a_new_store_is_made() -> None:
    assert [change.what for change in changes(None, None, things)] == ["create thing"]
