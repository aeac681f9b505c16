"""Who gets which mischief, by seed."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Final

from retail.files.contents import Plan, deliveries
from retail.files.mischief import WAYS, Way, missing, plain
from retail.files.sending import Delivery, Sending

_SHARE: Final = 0.018
"""Of the deliveries of a source each mischief gets so many, and one at least as long as most are left in peace."""

_MOST: Final = 0.6
"""No more than so many deliveries of a source have a mischief."""


def sendings(plan: Plan, told: list[Delivery]) -> list[Sending]:
    """All files in the order in which they are sent: by wave, within one in any order."""
    chance = Random(f"{plan.seed}/mischief")
    found = [sending for delivery, way in _dealt(told, chance) for sending in way(delivery, chance)]
    chance.shuffle(found)
    return sorted(found, key=lambda one: one.wave)


def planned(plan: Plan) -> tuple[list[Delivery], list[Sending]]:
    """What is to be told, and the files in which it is."""
    told = deliveries(plan)
    return told, sendings(plan, told)


def _dealt(told: list[Delivery], chance: Random) -> Iterator[tuple[Delivery, Way]]:
    for source in dict.fromkeys(one.form.source for one in told):
        some = [one for one in told if one.form.source == source]
        chance.shuffle(some)
        ways = chance.sample(WAYS[source], len(WAYS[source])) * max(1, round(_SHARE * len(some)))
        ways = ways[: int(len(some) * _MOST)]
        for delivery in some:
            # Nothing is waited for before something came: so the first day is never missing.
            at = next((n for n, way in enumerate(ways) if way is not missing or _can_miss(delivery)), None)
            yield delivery, (plain if at is None else ways.pop(at))


def _can_miss(delivery: Delivery) -> bool:
    return delivery.due and delivery.day > 0
