"""Random histories: few keys, few event times and few deliveries, so that everything meets everything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.reference import Key, Policy
from tests.worlds.actions import Action, Consolidate, Decide, Deliver, Forget, Reopen, Replay, Resolve, Say
from tests.worlds.declared import GROUPS, SOURCES, Declared
from tests.worlds.ledger import Sent
from tests.worlds.rows import Accepted, Claim, Rejected, Row, Said

LAST = 2**55 - 1
AWKWARD = [
    "a",
    "A",
    "",
    "é",
    "e\u0301",
    "\U0001f600",
    "\uffff",
    "ß",
    "a,b",
    'say "hi"',
    "it's",
    "%2C",
    "\t\n\\",
    "\x1f",
    " ",
]
LIVES: tuple[Policy, ...] = ("latest", "priority")

times = st.sampled_from([3] * 5 + [2] * 4 + [4] * 3 + [1, 0, LAST])
sequences = st.sampled_from([-1] * 6 + [0, 0, 1])
words = st.sampled_from(["on", "off"])
texts = st.sampled_from(AWKWARD) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=3
)
amounts = st.sampled_from([None, Decimal("1"), Decimal("-0.10"), Decimal("9999999999.99")])
values = st.fixed_dictionaries(
    {},
    optional={
        "status": st.tuples(words),
        "note": st.tuples(texts | st.none()),
        "price": st.tuples(st.sampled_from(["EUR", None]), amounts),
        "grade": st.tuples(st.sampled_from([1, 2, None, -(2**63), 2**63 - 1])),
    },
).map(lambda says: tuple(says.items()))
full = st.tuples(
    st.tuples(st.just("status"), st.tuples(words)),
    st.tuples(st.just("note"), st.tuples(st.sampled_from(["x", None]))),
    st.tuples(st.just("price"), st.just(("EUR", Decimal("2.50")))),
    st.tuples(st.just("grade"), st.tuples(st.sampled_from([1, 2]))),
)
policies: st.SearchStrategy[Policy | None] = st.sampled_from([None, "latest", "priority", "first"])


def weighted(*choices: tuple[int, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """One of several, some more often than others; `one_of` would take equal ones for one."""
    return st.sampled_from([one for weight, one in choices for _ in range(weight)]).flatmap(lambda one: one)


@st.composite
def declarations(draw: st.DrawFn) -> Declared:
    own = [(name, policy) for name in GROUPS if (policy := draw(policies)) is not None]
    return Declared(
        draw(st.sampled_from(["latest", "priority"])),
        tuple(own),
        frozenset(draw(st.sets(st.sampled_from(GROUPS), max_size=2))),
        tuple(draw(st.lists(st.sampled_from([10, 10, 10, 20, 0, 255]), min_size=3, max_size=3))),
    )


@dataclass(frozen=True)
class Rows:
    """Strategies over a few keys."""

    keys: tuple[Key, ...]

    def said(self) -> st.SearchStrategy[Said]:
        key = st.sampled_from(self.keys)
        puts = st.builds(Said, key, times, weighted((2, values), (3, full)), st.just("put"), sequences)
        deletes = st.builds(Said, key, times, st.just(()), st.just("delete"), sequences)
        return weighted((5, puts), (1, deletes))

    def claim(self) -> st.SearchStrategy[Claim]:
        scopes = [
            scope
            for shop, item in self.keys
            for scope in ((("shop", shop),), (("item", item),), (("shop", shop), ("item", item)))
        ]
        return st.builds(Claim, st.sampled_from(scopes), st.sampled_from([3, 3, 4, 4, 2, 5]), sequences)

    def row(self) -> st.SearchStrategy[Row]:
        one = st.builds(Accepted, self.said().map(lambda said: (said,)))
        several = st.builds(Accepted, st.lists(self.said(), max_size=3).map(tuple), st.none() | self.claim())
        rejected = st.builds(Rejected, st.none() | st.sampled_from(self.keys))
        return weighted((6, one), (1, several), (1, rejected))

    def rows(self) -> st.SearchStrategy[tuple[Row, ...]]:
        return st.lists(self.row(), min_size=1, max_size=7).map(tuple)

    def claims(self) -> st.SearchStrategy[tuple[Claim, ...]]:
        some = st.lists(self.claim(), min_size=1, max_size=2).map(tuple)
        return weighted((2, st.just(())), (1, some))

    def complete(self) -> st.SearchStrategy[Deliver]:
        """A delivery that claims to be complete with few rows, so that it ends something; some are rejected."""
        rejected = st.builds(Rejected, st.none() | st.sampled_from(self.keys))
        few = st.lists(weighted((1, self.row()), (1, rejected)), max_size=2).map(tuple)
        claims = st.lists(self.claim(), min_size=1, max_size=2).map(tuple)
        return st.builds(Deliver, sent(), few, claims)

    def deliver(self, hold: st.SearchStrategy[bool]) -> st.SearchStrategy[Deliver]:
        return st.builds(Deliver, sent(), self.rows(), self.claims(), st.integers(1, 3), hold)

    def action(self) -> st.SearchStrategy[Action]:
        """Anything that may happen, deliveries most of all."""
        pick = st.integers(0, 99)
        deliver = self.deliver(st.sampled_from([False] * 7 + [True]))
        return weighted(
            (8, deliver),
            (3, self.complete()),
            (2, st.builds(Replay, pick, self.rows(), self.claims(), st.integers(1, 2))),
            (2, st.builds(Say, st.sampled_from(["retract", "restore"]), pick)),
            (1, st.builds(Decide, st.sampled_from(["release", "release", "refuse"]), pick)),
            (3, st.builds(Resolve, st.sampled_from(["mend", "retry", "drop"]), pick, self.row())),
            (4, st.just(Consolidate())),
            (1, st.builds(Reopen, st.none() | declarations())),
            (1, st.builds(Forget, st.sampled_from(SOURCES), self.rows(), self.claims(), st.booleans())),
        )


@st.composite
def sent(draw: st.DrawFn) -> Sent:
    """The last source names no revisions; the others do."""
    source = draw(st.sampled_from(SOURCES))
    revision = None if source == SOURCES[-1] else draw(st.sampled_from([1, 1, 2]))
    name, digest = draw(st.sampled_from(["d", "d", "é'"])), draw(st.sampled_from(["0a", "ff", "ff", "a0"]))
    return Sent(source, name, revision, digest)


@st.composite
def some_rows(draw: st.DrawFn) -> Rows:
    """Rows over two shops, some of whose items have the same number."""
    shops = draw(st.lists(texts, min_size=2, max_size=2, unique=True))
    items = draw(st.lists(st.sampled_from([1, 10, 2, -1, 2**63 - 1]), min_size=2, max_size=2, unique=True))
    keys: list[Key] = [(shop, item) for shop in shops for item in items]
    return Rows(tuple(keys[: draw(st.integers(2, 4))]))


@st.composite
def histories(draw: st.DrawFn) -> tuple[Action, ...]:
    rows = draw(some_rows())
    return tuple(draw(st.lists(rows.action(), min_size=4, max_size=16)))


@dataclass(frozen=True)
class Order:
    """Deliveries in some order, and the same in another order, in other pieces and with other things between."""

    in_order: tuple[Deliver, ...]
    as_they_came: tuple[Action, ...]


@st.composite
def orders(draw: st.DrawFn) -> Order:
    rows = draw(some_rows())
    delivery = rows.deliver(st.just(False)).filter(lambda one: one.sent.revision is not None)
    sent: list[Deliver] = draw(
        # The same bytes say the same.
        st.lists(delivery, min_size=3, max_size=9, unique_by=lambda one: one.sent)
    )
    told = [*sent, *draw(st.lists(st.sampled_from(sent), max_size=2))]
    came: list[Action] = []
    for one in draw(st.permutations(told)):
        came.append(replace(one, pieces=draw(st.integers(1, 3))))
        came += draw(weighted((3, st.just([])), (1, st.just([Consolidate()])), (1, st.just([Reopen()]))))
    return Order(tuple(sent), tuple(came))
