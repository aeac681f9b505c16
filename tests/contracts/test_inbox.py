"""Every inbox passes the same contract: what `trivium.ports.Inbox` promises, on real servers."""

from __future__ import annotations

import datetime as dt
import http.client
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import obstore
import pytest

from tests.servers.places import S3, Gcs, Server, Sftp
from tests.servers.tools import wait_until
from trivium.adapters.inboxes import open_inbox
from trivium.errors import FileChanged, InboxError, UsageError
from trivium.ports import Entry, Inbox


@dataclass
class Ground:
    """An empty inbox, and how others put files into it and look into it."""

    inbox: Inbox
    put: Callable[[str, bytes], None]
    get: Callable[[str], bytes | None]
    server: Server | None = None


def in_folder(folder: Path) -> tuple[Callable[[str, bytes], None], Callable[[str], bytes | None]]:
    def put(name: str, content: bytes) -> None:
        (folder / name).write_bytes(content)

    def get(name: str) -> bytes | None:
        path = folder / name
        return path.read_bytes() if path.is_file() else None

    folder.mkdir(parents=True, exist_ok=True)
    return put, get


@pytest.fixture(params=["local", *(pytest.param(kind, marks=pytest.mark.server) for kind in ("s3", "gcs", "sftp"))])
def ground(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    if request.param == "local":
        put, get = in_folder(tmp_path / "in")
        yield Ground(open_inbox(str(tmp_path), "in"), put, get)
        return
    server: Server = {"s3": S3, "gcs": Gcs, "sftp": Sftp}[request.param]()
    with server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name, raising=False)
        if request.param == "sftp":
            put, get = in_folder(server.folder / "data" / "in")
            yield Ground(open_inbox(server.url, "in"), put, get, server)
        elif request.param == "s3":
            put, get = in_folder(server.folder / "data" / "landing" / "in")
            yield Ground(open_inbox(server.url, "in"), in_bucket("s3://landing/in"), get, server)
        else:
            yield Ground(open_inbox(server.url, "in"), put_gcs(server), get_gcs(server), server)


def in_bucket(url: str) -> Callable[[str, bytes], None]:
    def put(name: str, content: bytes) -> None:
        obstore.put(obstore.store.from_url(url, client_options={"allow_http": True}), name, content)

    return put


def put_gcs(server: Server) -> Callable[[str, bytes], None]:
    def put(name: str, content: bytes) -> None:
        place = f"/upload/storage/v1/b/landing/o?uploadType=media&name={quote(f'in/{name}', safe='')}"
        with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
            connection.request("POST", place, content)
            assert connection.getresponse().status == 200

    return put


def get_gcs(server: Server) -> Callable[[str], bytes | None]:
    def get(name: str) -> bytes | None:
        with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
            connection.request("GET", f"/storage/v1/b/landing/o/{quote(f'in/{name}', safe='')}?alt=media")
            answer = connection.getresponse()
            return answer.read() if answer.status == 200 else None

    return get


def entry(ground: Ground, name: str) -> Entry:
    return next(one for one in ground.inbox.entries() if one.name == name)


def test_what_lies_in_it_is_listed_with_size_and_time(ground: Ground) -> None:
    names = ["a.csv", "ü b'\"%.csv", "c.csv.gz"]
    for name in names:
        ground.put(name, name.encode())
    found = {one.name: one for one in ground.inbox.entries()}
    assert set(found) == set(names)
    assert {name: one.size for name, one in found.items()} == {name: len(name.encode()) for name in names}
    now = dt.datetime.now(dt.UTC)
    assert all(abs((now - one.changed_at).total_seconds()) < 60 for one in found.values())


def test_a_file_is_fetched_under_its_name_with_what_lies_beside_it(ground: Ground) -> None:
    content = os.urandom(300_000)
    ground.put("a.csv", content)
    ground.put("a.csv.json", b"{}")
    with ground.inbox.fetched(entry(ground, "a.csv"), ["a.csv.json", "none.json"]) as path:
        assert path.name == "a.csv"
        assert path.read_bytes() == content
        assert path.with_name("a.csv.json").read_bytes() == b"{}"
        assert not path.with_name("none.json").exists()


def test_another_content_has_another_mark_and_the_old_one_is_not_to_be_had(ground: Ground) -> None:
    ground.put("a.csv", b"one")
    before = entry(ground, "a.csv")
    ground.put("a.csv", b"three")
    assert entry(ground, "a.csv").mark != before.mark
    with pytest.raises(FileChanged, match=r"a\.csv"), ground.inbox.fetched(before):
        pass


def test_a_file_that_is_gone_has_changed(ground: Ground) -> None:
    ground.put("a.csv", b"one")
    before = entry(ground, "a.csv")
    gone = Entry("b.csv", before.mark, before.size, before.changed_at)
    with pytest.raises(FileChanged, match=r"b\.csv"), ground.inbox.fetched(gone):
        pass


def test_settled_files_lie_in_their_outcome_and_nothing_is_overwritten(ground: Ground) -> None:
    settled = []
    for content in (b"one", b"two", b"three"):
        ground.put("a.csv.gz", content)
        settled.append(ground.inbox.settle("a.csv.gz", "done"))
    assert [name.rpartition("/")[2] for name in settled] == ["a.csv.gz", "a.2.csv.gz", "a.3.csv.gz"]
    assert [ground.get(f"done/{name}") for name in ("a.csv.gz", "a.2.csv.gz", "a.3.csv.gz")] == [
        b"one",
        b"two",
        b"three",
    ]
    assert ground.inbox.entries() == []


def test_another_content_under_the_name_of_a_settled_one_stays(ground: Ground) -> None:
    """Its sender may send the next one before the first is put away."""
    ground.put("a.csv", b"one")
    before = entry(ground, "a.csv")
    assert ground.inbox.settle("a.csv", "done", before.mark).endswith("/done/a.csv")
    ground.put("a.csv", b"two")
    before = entry(ground, "a.csv")
    ground.put("a.csv", b"three")
    with pytest.raises(FileChanged, match=r"a\.csv"):
        ground.inbox.settle("a.csv", "done", before.mark)
    assert (ground.get("a.csv"), ground.get("done/a.csv"), ground.get("done/a.2.csv")) == (b"three", b"one", None)
    with pytest.raises(FileChanged, match=r"none\.csv"):
        ground.inbox.settle("none.csv", "done", before.mark)


def test_a_reason_lies_beside_what_was_refused(ground: Ground) -> None:
    ground.put("a.csv", b"one")
    ground.inbox.settle("a.csv", "refused", reason="too short: ü\n")
    assert ground.get("refused/a.csv") == b"one"
    assert ground.get("refused/a.csv.reason.txt") == "too short: ü\n".encode()
    ground.put("a.csv", b"two")
    ground.inbox.settle("a.csv", "refused", reason="too long: \udcff\n")
    assert ground.get("refused/a.2.csv") == b"two"
    assert ground.get("refused/a.2.csv.reason.txt") == b"too long: \\udcff\n"
    assert ground.inbox.entries() == []


def test_a_server_that_is_away_is_an_error_of_the_inbox_and_comes_back(ground: Ground) -> None:
    if ground.server is None:
        pytest.skip("there is no server")
    ground.put("a.csv", b"one")
    assert len(ground.inbox.entries()) == 1
    ground.server.kill()
    with pytest.raises(InboxError, match="cannot be listed") as error:
        ground.inbox.entries()
    assert error.value.hint
    ground.server.start()
    ground.put("b.csv", b"two")
    wait_until(lambda: "b.csv" in {one.name for one in ground.inbox.entries()}, "it is listed again")
    ground.inbox.close()


@pytest.fixture
def local(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


@pytest.mark.parametrize("odd", [b"", b"caf\xe9.csv"], ids=["any", "after a name that is no UTF-8"])
def test_a_folder_tells_that_something_happens(local: Path, odd: bytes) -> None:
    inbox, happened, stop = open_inbox(str(local), ""), threading.Event(), threading.Event()
    watching = threading.Thread(target=inbox.watch, args=(happened.set, stop))
    watching.start()
    try:
        number = 0
        while not happened.wait(0.2):  # it takes a moment until it watches
            number += 1
            (local / f"{number}.csv").touch()
            assert number < 50
        if odd:
            happened.clear()
            Path(os.fsdecode(bytes(local) + b"/" + odd)).touch()
            assert happened.wait(10)
            happened.clear()
            while not happened.wait(0.2):
                (local / f"{number}.csv").touch()
        (local / "part").touch()
        happened.clear()
        (local / "part").rename(local / "whole.csv")
        assert happened.wait(10)
    finally:
        stop.set()
        watching.join(10)
    assert not watching.is_alive()


def test_a_link_is_never_to_be_read_and_folders_and_pipes_are_none(local: Path) -> None:
    (local / "secret").write_text("x")
    (local / "link.csv").symlink_to(local / "secret")
    (local / "folder.csv").mkdir()
    os.mkfifo(local / "pipe.csv")
    found = {one.name: one for one in open_inbox(str(local), "").entries()}
    assert set(found) == {"secret", "link.csv"}
    assert "symbolic link" in str(found["link.csv"].never)
    assert open_inbox(str(local), "").settle("link.csv", "refused") == str(local / "refused" / "link.csv")
    assert (local / "refused" / "link.csv").is_symlink()


def test_a_link_in_the_place_of_a_file_that_was_seen_is_not_followed(local: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    (local / "a.csv").write_text("x")
    inbox = open_inbox(str(local), "")
    before = inbox.entries()[0]
    (local / "a.csv").unlink()
    (local / "a.csv").symlink_to(tmp_path / "secret")
    with pytest.raises(FileChanged), inbox.fetched(before):
        pass


def test_a_move_that_was_killed_halfway_is_ended(local: Path) -> None:
    """It has both names then."""
    (local / "a.csv").write_text("x")
    (local / "done").mkdir()
    os.link(local / "a.csv", local / "done" / "a.csv")
    assert open_inbox(str(local), "").settle("a.csv", "done") == str(local / "done" / "a.csv")
    assert [path.name for path in local.rglob("*.csv")] == ["a.csv"]


def test_a_name_given_to_another_file_in_the_middle_of_a_move_keeps_it(
    local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the second name and the end of the first."""
    (local / "a.csv").write_text("one")
    inbox = open_inbox(str(local), "")
    mark, link = inbox.entries()[0].mark, os.link

    def sent_meanwhile(path: Path, target: Path, *, follow_symlinks: bool) -> None:
        link(path, target, follow_symlinks=follow_symlinks)
        monkeypatch.undo()
        (local / "new").write_text("two")
        (local / "new").rename(local / "a.csv")

    monkeypatch.setattr(os, "link", sent_meanwhile)
    assert inbox.settle("a.csv", "done", mark) == str(local / "done" / "a.csv")
    assert {path.relative_to(local).as_posix(): path.read_text() for path in local.rglob("*") if path.is_file()} == {
        "a.csv": "two",
        "done/a.csv": "one",
    }


def test_a_name_that_was_being_taken_away_when_its_process_was_killed_is_ended(local: Path) -> None:
    """Of what has a name in the folder already nothing is left; a file that its sender had just sent goes back."""
    (local / "done").mkdir()
    (local / "done" / "a.csv").write_text("one")
    os.link(local / "done" / "a.csv", local / "done" / ".a.csv.leaving")
    (local / "done" / ".b.csv.leaving").write_text("two")
    (local / "c.csv").write_text("three")
    open_inbox(str(local), "").settle("c.csv", "done")
    found = {path.relative_to(local).as_posix() for path in local.rglob("*") if path.is_file()}
    assert found == {"b.csv", "done/a.csv", "done/c.csv"}


def test_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(InboxError, match="No such file") as error:
        open_inbox(str(tmp_path), "none").entries()
    assert "TRIVIUM_INBOX" in str(error.value.hint)


@pytest.mark.server
def test_a_server_that_nobody_knows_gets_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Sftp() as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name, raising=False)
        (server.folder / "home" / ".ssh" / "known_hosts").write_text("")
        with pytest.raises(InboxError, match="known_hosts") as error:
            open_inbox(server.url, "").entries()
        assert "ssh-keyscan" in str(error.value.hint)


@pytest.mark.parametrize("url", ["ftp://host/in", "http://host/in"])
def test_an_address_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="no kind of inbox"):
        open_inbox(url, "")


def test_a_password_is_never_in_what_people_see() -> None:
    inbox = open_inbox("sftp://someone:topsecret@127.0.0.1:1/in", "oms")
    assert "topsecret" not in inbox.url
    with pytest.raises(InboxError) as error:
        inbox.entries()
    assert "topsecret" not in str(error.value)
