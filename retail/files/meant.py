"""What was meant, written down beside the inbox so that somebody else can check it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from retail.files.contents import Plan, awaited
from retail.files.sending import Delivery, Sending

_BYTES = ("content", "beside", "beside_wave")


def write_meant(folder: Path, plan: Plan, told: Sequence[Delivery], sent: Sequence[Sending]) -> None:
    """`plan.json`: the period, what was waited for, what came though nobody waits for it. `sent.ndjson`: each file with
    what must become of it."""
    folder.mkdir(parents=True, exist_ok=True)
    odd = sorted({(one.form.source, one.name) for one in told if one.odd})
    last = plan.first + dt.timedelta(days=plan.days)
    document = {"first": str(plan.first), "days": plan.days, "stores": plan.stores, "seed": plan.seed,
                "at": f"{last}T06:00:00Z", "due": sorted(awaited(plan)), "odd": odd}  # fmt: skip
    (folder / "plan.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
    with (folder / "sent.ndjson").open("w", encoding="utf-8") as file:
        for one in sent:
            shown = {name: value for name, value in asdict(one).items() if name not in _BYTES}
            shown["beside"] = [name for name, _ in one.beside]
            file.write(f"{json.dumps(shown, ensure_ascii=False)}\n")
