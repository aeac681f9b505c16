"""The law: whatever happened, in whatever order, a store holds what the reference fold makes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reference import fold
from tests.soak import SOAK
from tests.stores import DuckDBStores, PostgresStores, Stores
from tests.worlds.actions import Action, Consolidate
from tests.worlds.compare import (
    check_about,
    check_alone,
    check_changed,
    check_moment,
    check_pages,
    check_ties,
    check_touched,
    keys_of,
    shown,
)
from tests.worlds.declared import Declared
from tests.worlds.draws import Order, declarations, histories, orders, times
from tests.worlds.explained import check_explained
from tests.worlds.ledger import Ledger
from tests.worlds.twin import Twin
from trivium.model.survivorship import LifePolicy
from trivium.ports import NOW, Alone, Moment

# Out of a hang Hypothesis would shrink for hours; the thread ends the run at once, with every thread's stack.
pytestmark = pytest.mark.timeout(0 if SOAK else 900, method="thread")

TRIES = settings.default.max_examples if settings.default else 60
"""Every example has a store of its own, so there are fewer of them than where nothing is opened."""


@contextmanager
def told(stores: Stores, declared: Declared, history: Sequence[Action]) -> Iterator[Twin]:
    """A history, told to a new store and to the reference."""
    place = stores.new()
    try:
        twin = Twin(place, declared)
        try:
            for action in history:
                action.happen(twin)
            yield twin
        finally:
            twin.store.control.close()
    finally:
        place.remove()


def holds_what_the_law_says(stores: Stores, declared: Declared, history: Sequence[Action], data: st.DataObject) -> None:
    """Now, as of an instant or a commit, by another policy; key by key; before and after a consolidation."""
    with told(stores, declared, history) as twin:
        keys = keys_of(twin.world)
        check_moment(twin, keys=[*keys, ("unheard", 0)])
        commit = data.draw(st.integers(0, twin.ledger.commit), "commit")
        check_touched(twin, commit)
        most = data.draw(st.integers(2, 6), "page")
        check_pages(twin, NOW, most, down=False)
        check_changed(twin, commit, most)
        check_ties(twin)
        some = data.draw(st.sampled_from(keys), "key") if keys else ("unheard", 0)
        check_about(twin, some)
        check_explained(twin, some)
        moments: list[Moment] = data.draw(st.lists(looks(commit), min_size=1, max_size=2), "moments")
        check_pages(twin, moments[0], most, down=bool(commit % 2))
        for moment in moments:
            check_moment(twin, moment, [some])
            check_explained(twin, some, moment.as_of, moment.policy)
        told_by = sorted({(one.source, one.delivery) for one in twin.ledger.readings})
        source, name = data.draw(st.sampled_from(told_by), "alone") if told_by else ("alpha", "none")
        check_alone(twin, Alone(source), moments[0].as_of)
        check_alone(twin, Alone(source, name))
        Consolidate().happen(twin)
        check_moment(twin, keys=[some])
        check_touched(twin, commit)
        check_pages(twin, NOW, most, down=True)
        check_changed(twin, commit, most)


def looks(commit: int) -> st.SearchStrategy[Moment]:
    """What a reader may ask for: an instant, a commit, a policy, or all of these together."""
    policies: st.SearchStrategy[LifePolicy] = st.sampled_from(["latest", "priority"])
    whole = st.builds(Moment, times, st.just(commit), policies)
    return st.one_of(
        st.builds(Moment, times), st.just(Moment(commit=commit)), policies.map(lambda one: Moment(policy=one)), whole
    )


def knows_no_order(stores: Stores, declared: Declared, order: Order) -> None:
    """The deliveries as they came, and the same told in order to a ledger alone: one master, to the byte."""
    with told(stores, declared, order.as_they_came) as twin:
        check_moment(twin)
        ledger = Ledger()
        for number, one in enumerate(order.in_order, 1):
            one.write_down(ledger, number)
        straight = fold(ledger.world(declared.sources()), twin.spec)
        came = fold(twin.world, twin.spec)
        assert {key: shown(record) for key, record in came.items()} == {
            key: shown(record) for key, record in straight.items()
        }


@settings(max_examples=TRIES // 3)
@given(declarations(), histories(), st.data())
def test_a_duckdb_file_holds_what_the_law_says(
    declared: Declared, history: Sequence[Action], data: st.DataObject
) -> None:
    holds_what_the_law_says(DuckDBStores(), declared, history, data)


@settings(max_examples=TRIES // 6)
@given(declarations(), orders())
def test_a_duckdb_file_knows_no_order(declared: Declared, order: Order) -> None:
    knows_no_order(DuckDBStores(), declared, order)


@pytest.mark.server
@settings(max_examples=TRIES // 12)
@given(declarations(), histories(), st.data())
def test_postgresql_holds_what_the_law_says(
    postgres_url_en: str, declared: Declared, history: Sequence[Action], data: st.DataObject
) -> None:
    holds_what_the_law_says(PostgresStores(postgres_url_en), declared, history, data)


@pytest.mark.server
@settings(max_examples=TRIES // 20)
@given(declarations(), orders())
def test_postgresql_knows_no_order(postgres_url_c: str, declared: Declared, order: Order) -> None:
    knows_no_order(PostgresStores(postgres_url_c), declared, order)
