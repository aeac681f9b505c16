"""`python -m retail.files`: sends weeks of files into an inbox, day by day as they are taken; `--check` compares.

Exit code 0 if everything was taken, and with `--check` came out as it was meant; else 1.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import time
from collections import Counter
from pathlib import Path

from rich.console import Console

from retail import show
from retail.command import CommandLine
from retail.files.contents import Plan
from retail.files.dealing import planned
from retail.files.meant import write_meant
from retail.files.sender import NotTaken, Sender
from retail.files.sending import Sending
from retail.files.verdict import verdicts

_FIRST = dt.date(2025, 11, 1)


def main() -> int:
    """Sends, or checks."""
    wishes = _wishes()
    meant = wishes.meant or wishes.inbox.absolute().with_name(f"{wishes.inbox.absolute().name}-meant")
    return _check(wishes, meant) if wishes.check else _send(wishes, meant)


def _wishes() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m retail.files", description="Weeks of files, with every mischief.")
    parser.add_argument("--inbox", type=Path, required=True, help="the folder that `trivium run retail` watches")
    parser.add_argument("--days", type=int, default=30, help="how many days are sent (default: 30)")
    parser.add_argument("--stores", type=int, default=40, choices=range(1, 41), metavar="1…40", help="how many stores")
    parser.add_argument(
        "--first", type=dt.date.fromisoformat, default=_FIRST, help=f"the first day (default: {_FIRST})"
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed, other files (default: 1)")
    parser.add_argument("--speed", type=float, help="days a second at most; else as fast as they are taken")
    parser.add_argument("--patience", type=float, default=60, help="seconds after which a file is not taken any more")
    parser.add_argument("--meant", type=Path, help="where it is written down what was meant (default: INBOX-meant)")
    parser.add_argument(
        "--check", action="store_true", help="sends nothing: compares what came out with what was meant"
    )
    parser.add_argument(
        "--store", help="the store that is checked, as for trivium", default="trivium-data/{domain}.duckdb"
    )
    parser.add_argument("--json", action="store_true", help="a JSON object a line for each file, or for each verdict")
    return parser.parse_args()


def _send(wishes: argparse.Namespace, meant: Path) -> int:
    plan = Plan(wishes.first, wishes.days, wishes.stores, wishes.seed)
    told, sent = planned(plan)
    write_meant(meant, plan, told, sent)
    sender = Sender(wishes.inbox, sent)
    begun = time.monotonic()
    try:
        for wave in sender.waves():
            _tell(wishes, plan, wave, [one for one in sent if one.wave == wave])
            sender.wait(wishes.patience)
            if wishes.speed:
                time.sleep(max(0.0, begun + (wave + 1) / wishes.speed - time.monotonic()))
    except NotTaken as error:
        print(f"{error}; is `trivium run retail --inbox {wishes.inbox}` running?", file=sys.stderr)
        return 1
    return 0


def _tell(wishes: argparse.Namespace, plan: Plan, wave: int, sent: list[Sending]) -> None:
    if wishes.json:
        for one in sent:
            shown = {name: getattr(one, name) for name in ("source", "name", "kind", "fate", "received", "rejected")}
            print(json.dumps({"wave": wave, **shown}), flush=True)
        return
    kinds = Counter(one.kind for one in sent if one.kind != "plain")
    told = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
    print(f"{plan.first + dt.timedelta(days=wave)}  {len(sent)} files; {told or 'all plain'}", flush=True)


def _check(wishes: argparse.Namespace, meant: Path) -> int:
    compared = list(verdicts(CommandLine("retail", wishes.store), wishes.inbox, meant))
    if not wishes.json:
        return int(not show.verdict(Console(width=None if sys.stdout.isatty() else 140), compared))
    for one in compared:
        wrong = {name: attribute.wrong for name, attribute in one.attributes.items() if attribute.wrong}
        shown = {"name": one.name, "meant": one.meant, "found": one.found, "missing": one.missing, "extra": one.extra}
        print(json.dumps(shown | {"wrong": wrong, "perfect": one.perfect}))
    return int(not all(one.perfect for one in compared))


if __name__ == "__main__":
    sys.exit(main())
