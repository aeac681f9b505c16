"""The law: whatever happened, in whatever order, a store holds what the reference fold makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stores import Stores
from tests.worlds.actions import Action, Consolidate
from tests.worlds.compare import check_about, check_moment, check_touched, keys_of
from tests.worlds.declared import Declared
from tests.worlds.draws import declarations, histories, times
from tests.worlds.twin import Twin
from trivium.model.survivorship import LifePolicy
from trivium.ports import Moment


@contextmanager
def told(stores: Stores, declared: Declared, history: tuple[Action, ...]) -> Iterator[Twin]:
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


TRIES = settings.default.max_examples if settings.default else 60
"""Every example has a store of its own, so there are fewer of them than where nothing is opened."""


@settings(max_examples=TRIES // 2)
@given(declarations(), histories(), st.data())
def test_a_store_holds_what_the_law_says(
    stores: Stores, declared: Declared, history: tuple[Action, ...], data: st.DataObject
) -> None:
    with told(stores, declared, history) as twin:
        keys = keys_of(twin.world)
        check_moment(twin, keys=[*keys, ("unheard", 0)])
        commit = data.draw(st.integers(0, twin.ledger.commit), "commit")
        check_touched(twin, commit)
        some = data.draw(st.sampled_from(keys), "key") if keys else ("unheard", 0)
        check_about(twin, some)
        moments: list[Moment] = data.draw(st.lists(looks(commit), min_size=1, max_size=2), "moments")
        for moment in moments:
            check_moment(twin, moment, [some])
        Consolidate().happen(twin)
        check_moment(twin, keys=[some])
        check_touched(twin, commit)


def looks(commit: int) -> st.SearchStrategy[Moment]:
    """What a reader may ask for: an instant, a commit, a policy, or all of these together."""
    policies: st.SearchStrategy[LifePolicy] = st.sampled_from(["latest", "priority"])
    whole = st.builds(Moment, times, st.just(commit), policies)
    return st.one_of(
        st.builds(Moment, times), st.just(Moment(commit=commit)), policies.map(lambda one: Moment(policy=one)), whole
    )
