"""What counts: the loads that the highest reading of their delivery says, and what they carry."""

from dataclasses import replace

from tests.reference.world import Load, Reading, RejectedRow, World


def live_loads(world: World, commit: int | None = None) -> frozenset[int]:
    """The numbers of the live loads, now or as of a commit."""
    return frozenset(load.number for load in world.loads if is_live(world, load, commit))


def live_part(world: World, commit: int | None = None) -> World:
    """The world without whatever is not live, its rejected rows in the state that they then had."""
    live = live_loads(world, commit)
    return replace(
        world,
        loads=tuple(load for load in world.loads if load.number in live),
        statements=tuple(one for one in world.statements if one.load in live),
        assertions=tuple(one for one in world.assertions if one.load in live),
        rejected=tuple(as_it_was(row, commit) for row in world.rejected if row.load in live),
    )


def is_live(world: World, load: Load, commit: int | None) -> bool:
    if not happened(load.commit, commit):
        return False
    highest = highest_reading(world, load.source, load.delivery, commit)
    if highest is None:
        return False
    said = (highest.revision, highest.digest, highest.says)
    return said == (load.revision, load.digest, load.attempt)


def highest_reading(world: World, source: str, delivery: str, commit: int | None = None) -> Reading | None:
    """The reading of a delivery that counts, or None while it has none."""
    readings = [
        reading
        for reading in world.readings
        if (reading.source, reading.delivery) == (source, delivery) and happened(reading.commit, commit)
    ]
    return max(readings, key=Reading.order, default=None)


def as_it_was(row: RejectedRow, commit: int | None) -> RejectedRow:
    """A rejected row that was resolved only later was still open."""
    return row if happened(row.resolved, commit) else replace(row, fate="open", resolved=None)


def happened(commit: int | None, as_of: int | None) -> bool:
    """Whether something was committed, by `as_of` where that is given."""
    return commit is not None and (as_of is None or commit <= as_of)
