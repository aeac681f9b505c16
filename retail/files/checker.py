"""What must come out of all files that were sent, worked out from what was meant, and compared with what did.

It shares no code with the package `trivium` and reads none of its stores.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from retail.checker import Compared, Record, compare

ENTITIES: Final = ("promotion", "sale", "order", "stock_count")
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "promotion": ("promotion_id",),
    "sale": ("business_date", "store_id", "receipt", "line"),
    "order": ("order_id",),
    "stock_count": ("location_id", "product_id"),
}
_FIGURES: Final = ("received", "accepted", "rejected", "ignored")


@dataclass(frozen=True, slots=True)
class Meant:
    """What the simulators wrote down."""

    plan: dict[str, Any]
    sent: list[dict[str, Any]]

    @classmethod
    def read(cls, folder: Path) -> Meant:
        """From the folder where they did."""
        plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
        lines = (folder / "sent.ndjson").read_text(encoding="utf-8").splitlines()
        return cls(plan, [json.loads(line) for line in lines])

    @property
    def counting(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Of each delivery the file that counts: the highest revision of those that were loaded."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for one in self._of("loaded"):
            at = (one["source"], one["delivery"])
            if at not in found or one["revision"] > found[at]["revision"]:
                found[at] = one
        return found

    def records(self, entity: str) -> list[Record]:
        """The records of an entity: of each key what was said last, unless that is that it is gone."""
        last: dict[tuple[Any, ...], dict[str, Any]] = {}
        for file in self.counting.values():
            for said in file["said"]:
                key = tuple(said["key"])
                if said["entity"] == entity and (key not in last or said["at"] > last[key]["at"]):
                    last[key] = said
        return [said["record"] for said in last.values() if said["record"] is not None]

    @property
    def mischief(self) -> Counter[str]:
        """How many files had each mischief; one that never came is missing."""
        told = Counter(one["kind"] for one in self.sent if one["kind"] != "plain")
        came = {(one["source"], one["delivery"]) for one in self.sent}
        stores = {f"S{number:03}" for number in range(1, self.plan["stores"] + 1)}
        silent = [one for one in map(tuple, self.plan["due"]) if one not in came]
        told["missing"] = sum(name.partition(",")[0] in stores or "," not in name for _, name in silent)
        told["day off"] = len(self.plan["odd"])
        return told

    def readings(self) -> list[Record]:
        """The account of every file that was loaded or is held, and whether it counts."""
        counting = {id(one) for one in self.counting.values()}
        found = []
        for one in self._of("loaded", "held"):
            state = "held" if one["fate"] == "held" else "counts" if id(one) in counting else "superseded"
            told: Record = {name: one[name] for name in ("delivery", "revision", *_FIGURES) if name in one}
            accepted = one["received"] - one["rejected"] - one["ignored"]
            found.append({"file": f"{one['folder']}/{one['name']}", "state": state, **told, "accepted": accepted})
        return found

    def lying(self) -> list[Record]:
        """Every file of the inbox at the end, and of a refused one what its reason says."""
        found: list[Record] = []
        taken: Counter[str] = Counter()
        for one in self.sent:
            if one["fate"] == "unexpected":
                found += [{"file": f"{one['folder']}/{name}"} for name in (one["name"], *one["beside"])]
                continue
            where = f"{one['folder']}/{'refused' if one['fate'] == 'refused' else 'done'}"
            for name in (one["name"], *one["beside"]):
                taken[f"{where}/{name}"] += 1
                found.append({"file": _free(where, name, taken[f"{where}/{name}"])})
            if one["fate"] == "refused":
                number = taken[f"{where}/{one['name']}"]
                found.append({"file": f"{_free(where, one['name'], number)}.reason.txt", "says": one["why"]})
        return found

    def findings(self) -> list[Record]:
        """What is overdue, came on a day off, came again after other content, or is not confirmed."""
        came = {(one["source"], one["delivery"]) for one in self._of("loaded", "held")}
        found = [("overdue", *one) for one in map(tuple, self.plan["due"]) if one not in came]
        found += [("unexpected", *one) for one in map(tuple, self.plan["odd"]) if one in came]
        found += [("unconfirmed", one["source"], one["delivery"]) for one in self._of("loaded") if one["unconfirmed"]]
        found += [
            ("repeated", one["source"], one["delivery"])
            for one in self._of("known")
            if self.counting[one["source"], one["delivery"]]["revision"] > one["revision"]
        ]
        return _counted(found)

    def status(self, findings: Iterable[Record]) -> list[Record]:
        """The figures of each source that sends files."""
        found: dict[str, Record] = {}
        for one in self.sent:
            figures: Record = {"source": one["source"]}
            found.setdefault(one["source"], figures | dict.fromkeys((*_STATUS, *_FIGURES), 0))
        for one in self.counting.values():
            figures = found[one["source"]]
            figures["deliveries"] += 1
            for name in ("received", "rejected", "ignored"):
                figures[name] += one[name]
            figures["accepted"] += one["received"] - one["rejected"] - one["ignored"]
        for one in self.sent:
            found[one["source"]]["again"] += one["fate"] == "known"
            found[one["source"]]["held"] += one["fate"] == "held"
            found[one["source"]][f"files {one['fate']}"] += 1
        for one in findings:
            if one["kind"] in ("overdue", "unexpected"):
                found[one["source"]][one["kind"]] += one["count"]
        return list(found.values())

    def _of(self, *fates: str) -> list[dict[str, Any]]:
        return [one for one in self.sent if one["fate"] in fates]


_STATUS: Final = (
    "deliveries", "again", "held", "overdue", "unexpected", "files loaded", "files known", "files held",
    "files refused", "files unexpected",
)  # fmt: skip


def compare_files(meant: Meant, inbox: Path) -> Compared:
    """What lies where, and whether a reason says what was the matter."""
    expected = meant.lying()
    says = {one["file"]: one["says"] for one in expected if "says" in one}
    found: list[Record] = []
    for path in sorted(inbox.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            continue
        one: Record = {"file": path.relative_to(inbox).as_posix()}
        if one["file"].endswith(".reason.txt"):
            text = path.read_text(encoding="utf-8")
            words = says.get(one["file"], "nothing")
            one["says"] = words if words in text else text
        found.append(one)
    return compare("files in the inbox", expected, found, ("file",))


def compare_readings(meant: Meant, readings: Iterable[Record]) -> Compared:
    """The deliveries, file by file: `readings` are those that the product lists."""
    found = [
        {"file": "/".join(Path(one["file"]).parts[-2:]), "state": one["state"], "delivery": one["delivery"],
         "revision": one["revision"], **one["account"]}
        for one in readings
    ]  # fmt: skip
    return compare("accounts", meant.readings(), found, ("file",))


def compare_findings(meant: Meant, findings: Iterable[Record]) -> Compared:
    """What is open; `findings` are those that the product tells."""
    found = _counted((one["kind"], one["source"] or "", one["subject"]) for one in findings)
    return compare("findings", meant.findings(), found, ("kind", "source", "subject"))


def compare_status(meant: Meant, domains: Iterable[Record]) -> Compared:
    """The figures of the sources; `domains` are those of the product's status."""
    expected = meant.status(meant.findings())
    wanted = {one["source"] for one in expected}
    found = []
    for domain in domains:
        for one in domain["sources"]:
            if one["source"] in wanted:
                figures = {name: one[name] for name in ("source", "deliveries", "again", "held")}
                waited = one["expected"] or {"overdue": 0, "unexpected": 0}
                figures |= {name: waited[name] for name in ("overdue", "unexpected")} | one["account"]
                files = domain["files"][one["source"]]
                figures |= {name: files[name.removeprefix("files ")] for name in _STATUS if name.startswith("files ")}
                found.append(figures)
    return compare("status", expected, found, ("source",))


def compare_records(meant: Meant, entity: str, exported: Iterable[bytes]) -> Compared:
    """The records of an entity; `exported` has a JSON object a line."""
    return compare(entity, meant.records(entity), map(json.loads, exported), KEYS[entity])


def _free(where: str, name: str, number: int) -> str:
    """How the so-and-so-manieth file of a name is called where others of it lie."""
    stem, dot, rest = name.partition(".")
    return f"{where}/{name}" if number == 1 else f"{where}/{stem}.{number}{dot}{rest}"


def _counted(found: Iterable[tuple[str, ...]]) -> list[Record]:
    return [
        {"kind": kind, "source": source, "subject": subject, "count": count}
        for (kind, source, subject), count in Counter(found).items()
    ]
