"""What the service serves after a live day, compared with what the systems meant. It asks the service as any caller
does, and shares no code with the package."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen

from retail.checker import KEYS, VIEWS, Compared, Record, compare, stock

_DOMAINS: Final = {
    "promotion": "promotions", "sale": "sales", "order": "orders", "order_line": "orders",
    "stock_movement": "inventory", "stock_count": "inventory", "stock": "inventory",
    "document": "content", "click": "content",
}  # fmt: skip
PROMPT: Final = 2.0
"""Seconds within which a flash sale has to be served."""


def told(meant: Path) -> list[Record]:
    """What the systems wrote down of themselves."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(meant.glob("*.told.json"))]


def accounts(url: str) -> dict[str, Record]:
    """The account of each source, as the service tells it."""
    return {one["source"]: one["account"] for one in _get(f"{url}/v1/sources")["sources"]}


def wait_until_taken(url: str, meant: Path, patience: float) -> bool:
    """Waits until the service has received as much as was sent; whether it has, within so many seconds."""
    wanted = {source: account["received"] for system in told(meant) for source, account in system["accounts"].items()}
    until = time.monotonic() + patience
    while time.monotonic() < until:
        found = accounts(url)
        if all(found[source]["received"] >= received for source, received in wanted.items()):
            return True
        time.sleep(0.3)
    return False


def verdicts(url: str, meant: Path, *, prompt: float = PROMPT) -> Iterator[Compared]:
    """The accounts, every entity and view, and the figures beside them. `prompt`: seconds within which a flash sale has
    to be served."""
    systems = told(meant)
    expected = [{"source": source} | account for system in systems for source, account in system["accounts"].items()]
    found = [{"source": source} | account for source, account in accounts(url).items()]
    yield compare("accounts", expected, found, ("source",))
    for name in KEYS:
        yield compare(name, _meant(meant, name), _served(url, name), KEYS[name])
    yield _figures(url, systems, prompt)


def _figures(url: str, systems: list[Record], prompt: float) -> Compared:
    expected = [{"figure": name, "count": count} for one in systems for name, count in one["figures"].items()]
    late = f"flash sales served later than {prompt:g} s"
    slow = sum(second > prompt for one in systems for second in one["served"])
    expected.append({"figure": late, "count": 0})
    complete = sum(1 for _ in _served(url, "order"))
    everything = sum(1 for _ in _served(url, "order", "&incomplete=true"))
    breaches = _get(f"{url}/v1/findings?kind=breach&domain=orders&computed=true&limit=1000")["findings"]
    found = [
        {"figure": "incomplete orders", "count": everything - complete},
        {"figure": "breaches", "count": len(breaches)},
        {"figure": late, "count": slow},
    ]
    return compare("figures", expected, found, ("figure",))


def _meant(folder: Path, entity: str) -> list[Record]:
    if entity == "stock":
        return stock(_meant(folder, "stock_movement"), _meant(folder, "stock_count"))
    with (folder / f"{entity}.ndjson").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _served(url: str, name: str, more: str = "") -> Iterator[Record]:
    """The records of an entity, or the rows of a view."""
    domain = _DOMAINS[name]
    if name in VIEWS:
        yield from _get(f"{url}/v1/reports/{domain}/{name}")["rows"]
        return
    with urlopen(f"{url}/v1/records/{domain}/{name}?limit=all&format=ndjson{more}", timeout=120) as lines:  # noqa: S310
        yield from map(json.loads, lines)


def _get(url: str) -> Any:
    with urlopen(url, timeout=120) as answer:  # noqa: S310 - an address of ours
        return json.load(answer)
