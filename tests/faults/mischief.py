"""Files as they come in the worst week, and what has to come of them. It shares no code with the package `trivium`.

What holds of an order is worked out here from what was written: of each day the content with the highest revision
counts (of several, the one with the greatest SHA-256), and of all lines that count the one that speaks of the latest
moment. No two lines speak of the same one.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

HEADER = "order_id,status,total,at"
STATUSES = ("placed", "paid", "sent")
_START = datetime(2026, 1, 1, tzinfo=UTC)

Fate = Literal["done", "refused", "stays"]


@dataclass(frozen=True)
class Sent:
    """A file as it is sent: `fate` is where it ends, `bad` how many of its lines are no orders."""

    name: str
    content: bytes
    fate: Fate = "done"
    day: str = ""
    revision: int = 0
    rows: tuple[tuple[str, str, str, str], ...] = ()
    bad: int = 0

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass
class Week:
    """`sent` is in the order in which it comes. A file may come twice."""

    sent: list[Sent] = field(default_factory=list)

    def records(self) -> dict[str, tuple[str, str]]:
        """Status and total of every order that must be there."""
        counts: dict[str, Sent] = {}
        for file in self.sent:
            best = counts.get(file.day)
            if file.fate == "done" and (best is None or (file.revision, file.digest) > (best.revision, best.digest)):
                counts[file.day] = file
        latest: dict[str, tuple[str, str, str]] = {}
        for file in counts.values():
            for order, status, total, at in file.rows:
                latest[order] = max(latest.get(order, ("", "", "")), (at, status, total))
        return {order: (status, total) for order, (_, status, total) in latest.items()}

    def accounts(self) -> set[tuple[str, int, str, int, int, int]]:
        """Of each content that is taken: day, revision, digest, and how many were received, accepted, rejected."""
        return {
            (file.day, file.revision, file.digest, len(file.rows) + file.bad, len(file.rows), file.bad)
            for file in self.sent
            if file.fate == "done"
        }

    def lying(self, fate: Fate) -> Counter[tuple[str, str]]:
        """How often a content must lie where files of this fate end, by its name and digest."""
        return Counter((file.name, file.digest) for file in self.sent if file.fate == fate)


def week(seed: int, files: int = 500, orders: int = 300) -> Week:
    """So many files: late, twice, torn, corrected in the wrong order, badly named, empty, with wrong headers."""
    draw = random.Random(seed)
    made, moment = Week(), 0
    days = [f"{_START + timedelta(days=number):%Y-%m-%d}" for number in range(files // 3)]
    while len(made.sent) < files:
        kind = draw.random()
        day, revision = draw.choice(days), draw.randint(1, 4)
        name = f"orders_{day}_r{revision}.csv"
        if kind < 0.06 and made.sent:
            made.sent.append(draw.choice([file for file in made.sent if file.fate == "done"] or made.sent))
        elif kind < 0.10:
            made.sent.append(Sent(name, b"", "refused"))
        elif kind < 0.14:
            lines = [draw.choice(("who,what,when", "order_id;status;total;at", "status,total,at")), f"O{moment},x"]
            made.sent.append(Sent(name, "\n".join(lines).encode(), "refused"))
        elif kind < 0.17:
            wrong = draw.choice(
                (f"order_{day}.csv", f"orders_{day}.csv", f"ORDERS_{day}_r1.csv", f"orders_{day}_r1.txt")
            )
            content = f"{HEADER}\nO{moment},paid,1.00,2026-01-01T00:00:00Z\n".encode()
            if all(file.name != wrong for file in made.sent):
                made.sent.append(Sent(wrong, content, "stays"))
        else:
            rows = []
            for _ in range(draw.randint(1, 12)):
                moment += 1
                at = f"{_START + timedelta(seconds=moment):%Y-%m-%dT%H:%M:%SZ}"
                total = f"{draw.randint(0, 999)}.{draw.randint(0, 99):02}"
                rows.append((f"O{draw.randrange(orders)}", draw.choice(STATUSES), total, at))
            lines = [",".join(row) for row in rows]
            bad = draw.choice((0, 0, 0, 1, 2))
            for _ in range(bad):
                torn = draw.choice(
                    ("nonsense,paid,1.00,2026-01-01T00:00:00Z", "O7,pai", "O7,paid,much,2026-01-01T00:00:00Z")
                )
                lines.insert(draw.randint(0, len(lines)), torn)
            end = draw.choice(("\n", "\n", ""))
            content = ("\n".join([HEADER, *lines]) + end).encode()
            made.sent.append(Sent(name, content, "done", day, revision, tuple(rows), bad))
    return made
