"""`trivium run` killed at moments drawn at random, over a folder into which everything comes that should not."""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.mischief import Fate, Sent, Week, week
from tests.running import shop
from tests.running.place import Place
from tests.servers.tools import wait_until
from tests.soak import SOAK

KILLS, FILES = (100, 500) if SOAK else (10, 40)
SEED = 20261101
APP = Path(shop.__file__)


@pytest.fixture(params=["duckdb", pytest.param("postgres", marks=pytest.mark.server)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    store = request.getfixturevalue("fresh_postgres") if request.param == "postgres" else None
    for name in shop.FOLDERS:
        (tmp_path / "inbox" / name).mkdir(parents=True)
    with Place.of(tmp_path, APP, store, TRIVIUM_POLL="0.5") as made:
        yield made


@pytest.mark.slow
def test_killed_at_any_moment_it_loses_nothing_and_takes_nothing_twice(place: Place, tmp_path: Path) -> None:
    sent, draw = week(SEED, FILES), random.Random(SEED)
    coming = list(sent.sent)
    for _ in range(KILLS):
        coming = put(place, coming, 1 + FILES // KILLS)
        service = place.run("--domain", "shop")
        if to_come(place) and draw.random() < 0.7:  # else while it starts
            wait_until(lambda service=service: service.lines != [], "it tells of a file")  # type: ignore[misc]
        assert not service.command.ended(draw.uniform(0, 0.5))
        service.kill()
        assert "Traceback" not in service.command.text, service.command.text
    service = place.run("--domain", "shop")

    def all_put() -> bool:
        nonlocal coming
        coming = put(place, coming, len(coming))
        return not coming and not to_come(place)

    wait_until(all_put, "every file is put away", 600)
    service.stop()
    why = f"seed {SEED}"
    check_folders(place, sent, why)
    check_store(place, sent, why)
    if place.store.endswith(".duckdb"):
        exported = place.ended("export", "order")
        assert exported == undisturbed(tmp_path / "undisturbed", sent)
        assert exported == loaded(tmp_path / "loaded", sent, draw)


def put(place: Place, coming: list[Sent], most: int) -> list[Sent]:
    """Sends so many files; what is left to send. A name that still lies there is not taken from its file."""
    left = []
    for file in coming:
        if most and not (place.inbox / "orders" / file.name).exists():
            place.put(f"orders/{file.name}", file.content)
            most -= 1
        else:
            left.append(file)
    return left


def to_come(place: Place) -> list[str]:
    """The files that lie where they arrived, though their source should take them."""
    named = re.compile(r"orders_[^/]+_r[0-9]+\.csv")
    return [name for name in place.lying("orders") if named.fullmatch(name)]


def check_folders(place: Place, sent: Week, why: str) -> None:
    """Every file lies where it belongs, exactly as often as it was sent."""
    fates: tuple[tuple[str, Fate], ...] = (("done/", "done"), ("refused/", "refused"), ("", "stays"))
    lying = {name: place.inbox / "orders" / name for name in place.lying("orders")}
    for folder, fate in fates:
        found: Counter[tuple[str, str]] = Counter()
        for name, path in lying.items():
            if name.startswith(folder) and "/" not in name.removeprefix(folder) and not name.endswith(".reason.txt"):
                first = re.sub(r"\.[0-9]+\.csv$", ".csv", name.removeprefix(folder))
                found[first, hashlib.sha256(path.read_bytes()).hexdigest()] += 1
        assert found == sent.lying(fate), f"{why}: {folder}"
    refused = {name for name in lying if name.startswith("refused/") and not name.endswith(".reason.txt")}
    assert {f"{name}.reason.txt" for name in refused} == {name for name in lying if name.endswith(".reason.txt")}, why


_FIGURES = ("received", "accepted", "rejected")


def check_store(place: Place, sent: Week, why: str) -> None:
    """The records and accounts are those that were worked out, and nothing is under way any more."""
    records = {one["order_id"]: (one["status"], one["total"]) for one in place.records("order")}
    assert records == sent.records(), why
    rows = place.document("deliveries", "list", "--source", "orders", "--all")["deliveries"]
    found = [
        (row["delivery"], row["revision"], row["digest"], *(row["account"][name] for name in _FIGURES)) for row in rows
    ]
    assert len(found) == len(set(found)), why
    assert set(found) == sent.accounts(), why
    figures = place.document("status", "--domain", "shop")["domains"][0]
    accepted = sum(row[4] for row in found)
    assert (figures["loading"], figures["entities"]["order"]["statements"]) == ([], accepted), why
    files = figures["files"]["orders"]
    assert {name: files[name] for name in ("waiting", "loading", "failing", "held")} == dict.fromkeys(
        ("waiting", "loading", "failing", "held"), 0
    ), why
    assert files["unexpected"] == len(sent.lying("stays")), why


def undisturbed(folder: Path, sent: Week) -> str:
    """The export of a store into which the same files came one after the other, each once the last was taken."""
    with Place.of(folder, APP) as place:
        for name in shop.FOLDERS:
            (place.inbox / name).mkdir(parents=True)
        coming = list(sent.sent)
        while coming:
            before, coming = coming, put(place, coming, len(coming))
            put_now = Counter(map(id, before)) - Counter(map(id, coming))
            refused = any(file.fate == "refused" and id(file) in put_now for file in before)
            place.once("--domain", "shop", code=int(refused))
        check_folders(place, sent, "undisturbed")
        return place.ended("export", "order")


def loaded(folder: Path, sent: Week, draw: random.Random) -> str:
    """The export of a store into which `trivium load` took them, in another order."""
    paths = []
    for number, file in enumerate(sent.sent):
        path = folder / str(number) / file.name
        path.parent.mkdir(parents=True)
        path.write_bytes(file.content)
        paths.append(str(path))
    draw.shuffle(paths)
    with Place.of(folder, APP) as place:
        outcomes = json.loads(place.ended("load", "orders", *paths, "--json", code=1))
        assert Counter(file["outcome"] for file in outcomes["files"])["refused"] == sum(
            file.fate != "done" for file in sent.sent
        )
        return place.ended("export", "order")
