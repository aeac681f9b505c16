"""What is said when something is wrong: read aloud, and as JSON."""

from __future__ import annotations

import json
from importlib.metadata import version

import pytest

from tests.e2e.cli_shop import GOOD, Shop, shop

__all__ = ["shop"]


def test_an_error_as_json_is_one_object_on_stderr(shop: Shop) -> None:
    found = shop.run("export", "shop.py", "order", "--json", code=3)
    assert found.out == ""
    assert json.loads(found.err) == {
        "code": "store_unusable",
        "message": "there is no store trivium-data/shop.duckdb of shop",
        "hint": "`trivium load` makes one; or name another with --store or TRIVIUM_STORE",
    }
    usage = json.loads(shop.run("export", "shop.py", "--json", code=2).err)
    assert (usage["code"], usage["hint"]) == ("usage", "see `trivium export --help`")


def test_a_mistyped_command_is_guessed(shop: Shop) -> None:
    assert shop.run("lod", code=2).err.splitlines() == [
        "error: No such command 'lod'. Did you mean 'load'?", "  see `trivium --help`",
    ]  # fmt: skip
    assert shop.run().out.startswith("Usage: trivium [OPTIONS] COMMAND [ARGS]...")


@pytest.mark.parametrize(
    "store",
    [
        "postgresql://olga:pa55word@127.0.0.1:1/shop",
        "postgresql://olga:pa55%2Fword@127.0.0.1:1/shop",
        "postgresql://olga@127.0.0.1:1/shop?password=pa55word",
        "postgresql://olga:pa55/w0rd@127.0.0.1:1/shop",
        "mysql://olga:pa55word@127.0.0.1:1/shop",
    ],
)
def test_a_password_is_never_shown(shop: Shop, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIVIUM_STORE", store)
    monkeypatch.setenv("TRIVIUM_DEBUG", "1")
    for command in (["status", "shop.py"], ["check", "shop.py"], ["export", "shop.py", "order", "--json"]):
        monkeypatch.setattr("sys.argv", ["trivium", *command])
        found = shop.run(*command, code=2 if store.startswith("mysql") else 3)
        assert "pa55" not in found.out + found.err
        assert "w0rd" not in found.out + found.err


def test_a_hint_never_repeats_a_store_that_may_hold_a_password() -> None:
    from trivium.cli.words import again

    assert again("status", "shop.py", store="my shop.duckdb") == "trivium status shop.py --store 'my shop.duckdb'"
    assert again("status", "shop.py", store="postgresql://olga:pa55word@db/shop") == "trivium status shop.py"


def test_a_setting_that_is_wrong_is_named(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIVIUM_MEMORY", "lots")
    assert shop.run("status", "shop.py", code=2).err.startswith("error: the setting TRIVIUM_MEMORY is not valid")
    monkeypatch.delenv("TRIVIUM_MEMORY")
    told = shop.run("run", "shop.py", "--http", "127.0.0.1:99999", code=2).err
    assert "TRIVIUM_HTTP is not valid" in told
    assert "ports end at 65535" in told
    for wrong in ("8182", "127.0.0.1", "127.0.0.1:http", "127.0.0.1:818200", ""):
        monkeypatch.setenv("TRIVIUM_HTTP", wrong)
        told = shop.run("status", "shop.py", code=2).err
        assert "TRIVIUM_HTTP is not valid: it is HOST:PORT, such as 127.0.0.1:8182, or off\n" in told
    monkeypatch.delenv("TRIVIUM_HTTP")
    monkeypatch.setenv("TRIVIUM_BROKR", "kafka://nowhere")
    told = shop.run("status", "shop.py", code=2).err
    assert "TRIVIUM_BROKR, which is no setting" in told
    assert "did you mean broker?" in told


def test_an_inbox_of_a_source_that_is_none_is_named(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIVIUM_INBOXES", '{"shp": "/tmp"}')
    told = shop.run("run", "shop.py", "--print-settings", code=2).err
    assert "TRIVIUM_INBOXES names 'shp', which is no source of files" in told


def test_the_version_is_that_of_the_package(shop: Shop) -> None:
    assert shop.run("--version").out == f"trivium {version('trivium')}\n"


def test_a_file_that_is_no_store_is_left_alone(shop: Shop) -> None:
    name = shop.write("notes.txt", "not a database")
    assert "notes.txt" in shop.run("status", "shop.py", "--store", name, code=3).err
    assert (shop.folder / name).read_text() == "not a database"


def test_a_defect_is_told_shortly_and_with_a_trace_on_demand(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("out of luck")

    shop.load_orders(GOOD)
    monkeypatch.setattr("trivium.service.status.status", broken)
    short = shop.run("status", "shop.py", code=70)
    assert short.err.splitlines()[0] == "error: unexpected RuntimeError: out of luck"
    assert "Traceback" not in short.err
    assert "Traceback" in shop.run("--debug", "status", "shop.py", code=70).err
    monkeypatch.setenv("TRIVIUM_DEBUG", "1")
    assert "Traceback" in shop.run("status", "shop.py", code=70).err


def test_several_domains_have_a_store_each(shop: Shop) -> None:
    text = "from trivium import *\n" + "".join(
        f"class {name.title()}(Entity):\n    id: Key[int]\n    n: int\n"
        f"{name} = Domain({name!r}, entities=[{name.title()}], sources=[Batch('{name}-file', "
        f"files='{name}_{{day}}.csv', into=[Into({name.title()})], cut_off='day 10:00 UTC')])\n"
        for name in ("left", "right")
    )
    app = shop.write("two.py", text)
    for name in ("left", "right"):
        shop.run("load", app, f"{name}-file", shop.write(f"{name}_2026-03-02.csv", f"id,n\n1,x\n2,{name and 2}\n"))
    assert sorted(path.name for path in (shop.folder / "trivium-data").glob("*.duckdb")) == [
        "left.duckdb",
        "right.duckdb",
    ]
    assert [one["domain"] for one in shop.json("status", app)["domains"]] == ["left", "right"]
    found = shop.run("quarantine", app, "show", "1:2", code=2).err.splitlines()
    assert found == ["error: several domains have 1:2: left, right", "  say which by --domain"]
    assert shop.json("quarantine", app, "show", "1:2", "--domain", "right")["source"] == "right-file"
