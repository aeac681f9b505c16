"""A delivery that is held until a person decides on it, as a store keeps it. Pure."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from trivium.engine.delivery import Delivery, Gone, decode, encode
from trivium.engine.handful import Finding
from trivium.engine.verdict import Account
from trivium.errors import UsageError


@dataclass(frozen=True, slots=True)
class Held:
    """What publishing the load will need, and what a person must know to decide.

    The JSON of `text` is read by the statement `deliveries` of each engine too.
    """

    delivery: Delivery
    account: Account
    gone: Gone

    def text(self) -> str:
        """As the column `held` keeps it."""
        return json.dumps(
            {"delivery": encode(self.delivery), "account": asdict(self.account), "gone": asdict(self.gone)}
        )

    def refusal(self, by: str | None, at: dt.datetime) -> Finding:
        """What is told of it once it is removed, for then nothing else speaks of it."""
        who, ends = by or "somebody", f"{self.gone.gone:,} of {self.gone.alive:,} records"
        when = f"{at:%Y-%m-%dT%H:%M:%SZ}"
        told = f"{who} refused it at {when}: {self.account.received:,} records, which would have ended {ends}"
        return Finding("refused", self.delivery.name, told)

    def released(self, by: str | None) -> Delivery:
        """The delivery, by whoever released it."""
        return replace(self.delivery, by=by)


def held_of(text: str) -> Held:
    """What `Held.text` wrote."""
    kept = json.loads(text)
    return Held(decode(kept["delivery"]), Account(**kept["account"]), Gone(**kept["gone"]))


def the_held(rows: Iterable[tuple[int, str]], source: str, delivery: str) -> tuple[int, Held]:
    """The oldest load among `rows` (load number and `text`) that holds this delivery; raises UsageError where there
    is none."""
    for load_no, text in sorted(rows):
        held = held_of(text)
        if (held.delivery.source, held.delivery.name) == (source, delivery):
            return load_no, held
    raise UsageError(f"{source} holds no delivery {delivery!r}", hint="`trivium deliveries APP list` shows them")
