"""What an assertion ends. Every world in this module is the live part of one."""

from tests.reference.spec import EntitySpec
from tests.reference.values import Key
from tests.reference.world import Assertion, World


def ends(live: World, spec: EntitySpec, assertion: Assertion, key: Key) -> bool:
    """Whether an assertion is a death for a key: in its scope, not mentioned, and not held back."""
    return covers(spec, assertion, key) and not is_held_back(live, assertion) and key not in mentions(live, assertion)


def covers(spec: EntitySpec, assertion: Assertion, key: Key) -> bool:
    parts = dict(zip((column.name for column in spec.key), key, strict=True))
    return all(parts[name] == value for name, value in assertion.scope)


def is_held_back(live: World, assertion: Assertion) -> bool:
    """A whole delivery's assertion waits while a row of its reading is open whose key cannot be read."""
    loads = loads_of_reading(live, assertion)
    keyless = [row for row in live.rejected if row.load in loads and row.key is None]
    return assertion.place is None and any(row.fate == "open" for row in keyless)


def mentions(live: World, assertion: Assertion) -> frozenset[Key]:
    """The keys that an assertion spares: those of its own record, or of every row of its reading.

    A rejected row with a readable key is a row, open or dropped. A mended one speaks by its statements alone,
    for its key may be what was mended.
    """
    if assertion.place is not None:
        record = (assertion.load, assertion.place)
        return frozenset(one.key for one in live.statements if (one.load, one.place) == record)
    loads = loads_of_reading(live, assertion)
    stated = {one.key for one in live.statements if one.load in loads}
    rejected = {row.key for row in live.rejected if row.load in loads and row.fate != "mended"}
    return frozenset(stated | {key for key in rejected if key is not None})


def loads_of_reading(live: World, assertion: Assertion) -> frozenset[int]:
    reading = live.load(assertion.load).reading()
    return frozenset(load.number for load in live.loads if load.reading() == reading)
