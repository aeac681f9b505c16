"""What must come out of a day, worked out from what was meant, and compared attribute by attribute with what did.

It shares no code with the package `trivium` and reads none of its stores: files in, a verdict out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

Record = dict[str, Any]
Key = tuple[Any, ...]

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "promotion": ("promotion_id",),
    "sale": ("business_date", "store_id", "receipt", "line"),
    "order": ("order_id",),
    "order_line": ("order_id", "line"),
    "stock_movement": ("movement_id",),
    "stock_count": ("location_id", "product_id"),
    "document": ("document_id",),
    "click": ("click_id",),
    "stock": ("location_id", "product_id"),
}
"""What tells the records of an entity apart; the last one is a view."""

VIEWS: Final = frozenset({"stock"})
_SHOWN: Final = 5
_ABSENT: Final = "(absent)"


@dataclass(slots=True)
class Attribute:
    """An attribute over all records: how many values were compared, and how many were what was meant."""

    compared: int = 0
    right: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Compared:
    """An entity, or the accounts: how many were meant, which are missing or too many, and their attributes."""

    name: str
    meant: int = 0
    found: int = 0
    missing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    attributes: dict[str, Attribute] = field(default_factory=dict)

    @property
    def perfect(self) -> bool:
        """Whether everything meant is there, nothing else, and every value is right."""
        wrong = any(attribute.wrong for attribute in self.attributes.values())
        return self.meant == self.found and not (self.missing or self.extra or wrong)


def check_entity(name: str, meant: Iterable[Record], exported: Iterable[bytes]) -> Compared:
    """Compares an entity's export, one JSON object a line, with the records meant."""
    return compare(name, meant, map(json.loads, exported), KEYS[name])


def compare(name: str, meant: Iterable[Record], found: Iterable[Record], key: tuple[str, ...]) -> Compared:
    """Compares records by key. A key twice is one too many."""
    compared = Compared(name)
    expected: dict[Key, Record] = {_key(record, key): record for record in meant}
    compared.meant = len(expected)
    seen: set[Key] = set()
    for record in found:
        compared.found += 1
        at = _key(record, key)
        if at in seen or at not in expected:
            compared.extra.append(_words(at))
        else:
            _compare_record(compared.attributes, at, expected[at], record)
        seen.add(at)
    compared.missing = [_words(at) for at in expected if at not in seen]
    return compared


def expected_accounts(folder: Path) -> list[Record]:
    """The account that each file of a day must have."""
    told = json.loads((folder / "day.json").read_text(encoding="utf-8"))["told"]
    return [{name: file[name] for name in ("file", "received", "accepted", "rejected", "ignored")} for file in told]


def expected_records(folder: Path, entity: str) -> list[Record]:
    """The records that must come out; those of a view are worked out here."""
    if entity == "stock":
        return stock(expected_records(folder, "stock_movement"), expected_records(folder, "stock_count"))
    with (folder / "meant" / f"{entity}.ndjson").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def stock(movements: Iterable[Record], counts: Iterable[Record]) -> list[Record]:
    """The last count of each product at each place and what moved after it; without a count, all that moved."""
    entries: dict[Key, Record] = {}
    for count in counts:
        place = {"location_id": count["location_id"], "product_id": count["product_id"]}
        known = {"quantity": count["quantity"], "counted_at": count["counted_at"], "moved_at": None}
        entries[tuple(place.values())] = place | known
    for movement in movements:
        place = {"location_id": movement["location_id"], "product_id": movement["product_id"]}
        nothing = {"quantity": 0, "counted_at": None, "moved_at": None}
        entry = entries.setdefault(tuple(place.values()), place | nothing)
        if entry["counted_at"] is None or movement["moved_at"] > entry["counted_at"]:
            entry["quantity"] += movement["quantity"]
        entry["moved_at"] = max(entry["moved_at"] or "", movement["moved_at"])
    return list(entries.values())


def _compare_record(attributes: dict[str, Attribute], at: Key, meant: Record, found: Record) -> None:
    expected, actual = dict(_leaves(meant)), dict(_leaves(found))
    for name in expected | actual:
        attribute = attributes.setdefault(name, Attribute())
        attribute.compared += 1
        wanted, value = expected.get(name, _ABSENT), actual.get(name, _ABSENT)
        if wanted == value and type(wanted) is type(value):
            attribute.right += 1
        elif len(attribute.wrong) < _SHOWN:
            attribute.wrong.append(f"{_words(at)}: {wanted!r} was meant, {value!r} came out")


def _leaves(record: Record, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in record.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _key(record: Record, key: tuple[str, ...]) -> Key:
    return tuple(record.get(part) for part in key)


def _words(key: Key) -> str:
    return ",".join(map(str, key))
