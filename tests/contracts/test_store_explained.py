"""What explanations and previews say, on cases that random histories seldom meet."""

from __future__ import annotations

from tests.stores import Place
from tests.worlds.declared import Declared
from tests.worlds.explained import check_explained
from tests.worlds.lab import Lab, delete, delivery, put
from tests.worlds.ledger import Sent
from tests.worlds.rows import Accepted, Claim, Rejected, Said, placed
from tests.worlds.twin import Twin
from trivium.ports import Gone, Preview

A, B = ("a",), ("b",)


def test_of_equal_precedence_the_earlier_has_lost_by_its_time(place: Place) -> None:
    """By `priority` too: another source is not a lower one."""
    twin = Twin(place, Declared(policy="priority"))
    for at, source in ((1, "alpha"), (2, "beta"), (3, "gamma")):
        said = Said(("paris", 1), at, (("status", (source,)),))
        twin.deliver(Sent(source, "d", 1, "aa"), placed([Accepted((said,))]))
    check_explained(twin, ("paris", 1))
    check_explained(twin, ("paris", 1), as_of=2)
    check_explained(twin, ("paris", 1), policy="latest")
    twin.store.control.close()


def test_a_preview_holds_back_the_assertion_of_a_row_whose_key_cannot_be_read(lab: Lab) -> None:
    """As the reading itself will, once it is published."""
    claim = Claim((("order_id", "b"),), 9)
    lab.send([put(B, 1, status="on")], "other")
    lab.send([put(A, 1, status="on")], "d", claims=[Claim((("order_id", "a"),), 1)])
    load = lab.load([put(A, 1, status="on"), Rejected()], [claim])
    assert load.preview(delivery("d", kind="replay"))[0] == Preview("order", 0, 0, 0, 2)
    load.abandon()
    load = lab.load([put(A, 1, status="on")], [claim])
    assert load.preview(delivery("d", kind="replay"))[0] == Preview("order", 0, 1, 0, 1)
    load.abandon()


def test_what_a_load_would_end_spares_the_rows_that_it_names(lab: Lab) -> None:
    """Also those that were rejected; what ranks above its assertion stays too, what ranks the same does not."""
    others = [put((name,), 5, status="on") for name in "abc"]
    lab.send([*others, put(("later",), 6, status="on"), delete(("gone",), 1)], "other")
    named = ("a", "b", "c", "later", "gone")
    load = lab.load(
        [put(A, 5, status="on"), Rejected(B), Rejected()], [Claim((("order_id", name),), 5) for name in named]
    )
    assert load.gone() == Gone(1, 4)
    load.abandon()
