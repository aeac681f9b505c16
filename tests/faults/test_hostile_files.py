"""Files that mean harm, dropped into the inbox of one service: each comes to a clear outcome in bounded memory, the
ordinary files between them are loaded, and the service goes on and ends in good order."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults import hostile_shop
from tests.faults.hostile_files import FILES, HEADER, Hostile
from tests.faults.hostile_shop import DAY, hostile
from tests.running.place import Line, Place, Running
from tests.servers.tools import wait_until
from tests.soak import SOAK

MOST = 1_500
"""Megabytes that the service may have in memory at any time."""
TOGETHER = 1 if SOAK else 12
PATIENCE = 900 if SOAK else 240
ORDINARY = HEADER + b"o%d,1.50,1,all is well,\np%d,2.50,2,,{}\n"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0 if SOAK else 900)]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    for source in hostile.sources:
        (tmp_path / "inbox" / source.name).mkdir(parents=True)
    app = Path(hostile_shop.__file__)
    with Place.of(tmp_path, app, TRIVIUM_MEMORY="200MB", TRIVIUM_LOADS="1") as made:
        yield made


def test_each_comes_to_its_outcome(place: Place) -> None:
    service, wrong = place.run(), []
    for number, low in enumerate(range(0, len(FILES), TOGETHER)):
        files, begun = FILES[low : low + TOGETHER], time.monotonic()
        for file in files:
            part = place.inbox / file.source / ".coming.part"
            file.write(part)
            part.rename(part.with_name(file.name))
        ordinary = f"ordinary-{number}_{DAY}.csv"
        place.put(f"csv/{ordinary}", ORDINARY % (number, number))
        told = settled(service, {file.name for file in files} | {ordinary})
        wrong += [f"{file.name}: {told[file.name]}"[:600] for file in files if not as_expected(file, told[file.name])]
        assert told[ordinary]["account"]["accepted"] == 2, told[ordinary]
        peak = peak_of(service)
        if SOAK:
            print(f"{files[0].name}: {time.monotonic() - begun:.1f} s, {peak} MB")
        if peak > MOST:
            wrong.append(f"{peak} MB at one of {[file.name for file in files]}")
        forget_peak(service)
    assert not wrong, "\n".join(wrong)
    service.stop()
    assert place.lying("csv/done") >= {f"ordinary-{n}_{DAY}.csv" for n in range(number + 1)}
    refused = {file.name for file in FILES if file.state == "refused" and file.source == "csv"}
    assert place.lying("csv/refused") == refused | {f"{name}.reason.txt" for name in refused}


def as_expected(file: Hostile, line: Line) -> bool:
    """What was taken before what became of it could be written down, is known when it is tried again."""
    if line["state"] == "known":
        return file.state == "loaded"
    account = line["account"] and tuple(line["account"][name] for name in ("received", "accepted", "rejected"))
    return (
        line["state"] == file.state
        and file.why in (line["why"] or "")
        and len(line["why"] or "") < 20_000
        and file.account in (None, account)
    )


def settled(service: Running, names: set[str]) -> dict[str, Line]:
    """What became of the files, when it has of each. One that fails to be taken, such as for want of memory beside
    others, is tried again."""
    found: dict[str, Line] = {}

    def look() -> bool:
        for line in service.lines:
            name = str(line.get("file")).rpartition("/")[2]
            if name in names and line["state"] != "waiting":
                found[name] = line
        assert service.command.process.is_alive(), service.command.text[-3000:]
        return names == {name for name, line in found.items() if line["state"] != "failing"}

    try:
        wait_until(look, f"{sorted(names)} settle", PATIENCE)
    except AssertionError:
        raise AssertionError(f"{names - set(found)} were not seen, or one is failing:\n{found}") from None
    return found


def peak_of(service: Running) -> int:
    """The most memory that it had, in megabytes; 0 where the system does not tell."""
    status = Path(f"/proc/{service.command.process.pid}/status")
    text = status.read_text() if status.exists() else ""
    return next((int(line.split()[1]) >> 10 for line in text.splitlines() if line.startswith("VmHWM:")), 0)


def forget_peak(service: Running) -> None:
    told = Path(f"/proc/{service.command.process.pid}/clear_refs")
    if told.exists():
        told.write_text("5")


CLEAR = f"_{DAY}.csv"
NAMES: list[tuple[bytes, str, str]] = [
    ((b"n" * (255 - len(CLEAR))) + CLEAR.encode(), "loaded", ""),
    ("\u202efdp".encode() + CLEAR.encode(), "loaded", ""),
    (b"a\x1b[2J\r\n\x07'\"`$(x)" + CLEAR.encode(), "loaded", ""),
    ("é".encode() * 120 + CLEAR.encode(), "loaded", ""),
    (b"\xff\xfe" + CLEAR.encode(), "refused", "no UTF-8"),
    (b"\xed\xa0\x80.txt", "unexpected", ""),
    (b"-rf" + CLEAR.encode(), "loaded", ""),
    (b"x" * 251 + b".txt", "unexpected", ""),
]


def test_names_that_mean_harm(place: Place) -> None:
    service = place.run()
    folder = os.fsencode(place.inbox / "csv")
    for number, (name, _, _) in enumerate(NAMES):
        part = place.put(".one.part", ORDINARY % (number, number))
        part.rename(Path(os.fsdecode(folder + b"/" + name)))
    refused = place.put(".one.part", b"")
    refused.rename(place.inbox / "csv" / f"{'e' * 239}_{DAY}.csv"[-255:])
    place.put(f"csv/last_{DAY}.csv", ORDINARY % (99, 99))
    wait_until(lambda: len(told(service)) == len(NAMES) + 2, "all are told", 60)
    assert sorted(state for state, _ in told(service)) == sorted(
        [*(state for _, state, _ in NAMES), "refused", "loaded"]
    )
    for _, state, why in NAMES:
        assert any(one == state and why in said for one, said in told(service))
    lying = place.inbox / "csv"
    wait_until(lambda: sum(one.is_file() for one in lying.iterdir()) == 2, "the others are put away")
    service.stop()
    for words in (["status"], ["findings"], ["deliveries", "list", "--source", "csv"]):
        shown = place.ended(*words)
        assert "\x1b[2J" not in shown
        assert "\u202e" not in shown
        assert "\x07" not in shown
    refusals = [os.fsencode(one.name) for one in (lying / "refused").iterdir()]
    assert sum(name.endswith(b".reason.txt") for name in refusals) == 2


def told(service: Running) -> set[tuple[str, str]]:
    """State and reason of each file that was told of."""
    return {(f"{line['state']}", f"{line['why']}{line['file']}") for line in service.lines if "file" in line}


def make_fifo(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        before = Path.cwd()
        os.chdir(path.parent)  # an address has a hundred bytes at most
        try:
            one.bind(path.name)
        finally:
            os.chdir(before)


def make_device(path: Path) -> None:
    if os.geteuid() == 0:
        os.mknod(path, 0o20666, os.makedev(1, 5))  # zeros without end


NO_FILES: dict[str, Callable[[Path], object]] = {
    "folder": Path.mkdir, "pipe": make_fifo, "socket": make_socket, "device": make_device,
}  # fmt: skip


def test_what_is_no_file_is_passed_over(place: Place) -> None:
    for source in ("csv", "manifest"):
        for what, make in NO_FILES.items():
            make(place.inbox / source / f"{what}_{DAY}.csv")
    (place.inbox / "csv" / f"link_{DAY}.csv").symlink_to("/dev/zero")
    (place.inbox / "marked" / f"lonely_{DAY}.csv.done").touch()
    secret = place.folder / "secret.json"
    secret.write_text('{"rows": 1}')
    beside: dict[str, Callable[[Path], object]] = {
        **NO_FILES,
        "link": lambda path: path.symlink_to(secret),
        "huge": lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_RDWR), 1 << 30),
        "long": lambda path: path.write_text("x" * 200_000),
        "twice": lambda path: path.write_text("{" + ",".join(f'"a{n % 20_000}":1' for n in range(20_001)) + "}"),
        "deep": lambda path: path.write_text("[" * 200_000),
        "digits": lambda path: path.write_text('{"rows":' + "9" * 200_000 + "}"),
        "half": lambda path: path.write_bytes('{"rows":1}'.encode("utf-16")),
    }
    for what, make in beside.items():
        make(place.inbox / "manifest" / f"with-{what}_{DAY}.csv.manifest.json")
        place.put(f"manifest/with-{what}_{DAY}.csv", ORDINARY % (1, 1))
    service = place.run()
    lines = settled(service, {f"with-{what}_{DAY}.csv" for what in beside} | {f"link_{DAY}.csv"})
    assert {line["state"] for line in lines.values()} == {"refused"}, lines
    assert "symbolic link" in lines[f"with-link_{DAY}.csv"]["why"]
    assert "more than 262,144 bytes" in lines[f"with-huge_{DAY}.csv"]["why"]
    assert "'a0' twice" in lines[f"with-twice_{DAY}.csv"]["why"]
    place.put(f"csv/last_{DAY}.csv", ORDINARY % (2, 2))
    service.settled(f"last_{DAY}.csv", "loaded")
    service.stop()
    assert secret.exists()


def test_thousands_that_nobody_expects(place: Place) -> None:
    count = 100_000 if SOAK else 5_000
    for number in range(count):
        (place.inbox / "csv" / f"x{number}.txt").touch()
    service = place.run()
    place.put(f"csv/last_{DAY}.csv", ORDINARY % (2, 2))
    wait_until(lambda: f"last_{DAY}.csv" in service.command.text, "the one between them is loaded", PATIENCE)
    wait_until(lambda: service.command.text.count('"unexpected"') == count, "all are told", PATIENCE)
    assert peak_of(service) < MOST
    service.stop()
