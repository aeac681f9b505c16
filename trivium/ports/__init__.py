"""What the floors above need of the outside, each on a page of its own."""

from __future__ import annotations

from trivium.engine.changed import Place
from trivium.engine.choice import Choice, Condition, Order
from trivium.engine.delivery import Delivery, Gone, Mend, Preview, Published
from trivium.engine.evolution import Change
from trivium.engine.handful import Answer, Answered, Finding, Handful, Position
from trivium.engine.keys import ApiKey
from trivium.engine.law.statements import Alone
from trivium.engine.reconciling.kept import Reconciliation
from trivium.engine.sighting import Sighting
from trivium.engine.sums import Sum
from trivium.engine.verdict import Account, Verdict
from trivium.ports.events import MESSAGES, Anew, Broker, Consumer, Lag, Lost, Messages, Part, Positions, Released
from trivium.ports.inbox import Entry, Inbox, Outcome
from trivium.ports.ledger import Ledger, Turn
from trivium.ports.raw import RawInput
from trivium.ports.store import (
    NOTHING,
    NOW,
    Bundle,
    Consolidation,
    Control,
    History,
    Load,
    Moment,
    Reader,
    Rejected,
    Store,
)

__all__ = [
    "MESSAGES",
    "NOTHING",
    "NOW",
    "Account",
    "Alone",
    "Anew",
    "Answer",
    "Answered",
    "ApiKey",
    "Broker",
    "Bundle",
    "Change",
    "Choice",
    "Condition",
    "Consolidation",
    "Consumer",
    "Control",
    "Delivery",
    "Entry",
    "Finding",
    "Gone",
    "Handful",
    "History",
    "Inbox",
    "Lag",
    "Ledger",
    "Load",
    "Lost",
    "Mend",
    "Messages",
    "Moment",
    "Order",
    "Outcome",
    "Part",
    "Place",
    "Position",
    "Positions",
    "Preview",
    "Published",
    "RawInput",
    "Reader",
    "Reconciliation",
    "Rejected",
    "Released",
    "Sighting",
    "Store",
    "Sum",
    "Turn",
    "Verdict",
]
