"""A reconciliation in words and as JSON values."""

from __future__ import annotations

import json
from typing import Any

from trivium.cli.words import count, counted, instant
from trivium.ports import Reconciliation


def summary_document(one: Reconciliation) -> dict[str, Any]:
    """What it came to, without the differences."""
    return {
        "source": one.source,
        "delivery": one.delivery,
        "against": one.against,
        "computed_at": instant(one.computed_at),
        **json.loads(one.summary),
    }


def agrees(one: Reconciliation) -> bool:
    """Whether both sides say the same."""
    return not any(_figures(one).values())


def summary_line(one: Reconciliation) -> str:
    """`reconciled with oms-events: 3 only in the file, 1 only there, 5 attributes differ`."""
    figures = _figures(one)
    if agrees(one):
        records = sum(entity["records"]["file"] for entity in json.loads(one.summary)["entities"])
        return f"reconciled with {one.against}: {counted(records, 'record')}, no difference"
    told = (
        f"{count(figures['file'])} only in the file, {count(figures['there'])} only there, "
        f"{counted(figures['attributes'], 'attribute')} {'differs' if figures['attributes'] == 1 else 'differ'}"
    )
    return f"reconciled with {one.against}: {told}"


def _figures(one: Reconciliation) -> dict[str, int]:
    entities = json.loads(one.summary)["entities"]
    return {
        "file": sum(entity["only_in_file"] for entity in entities),
        "there": sum(entity["only_there"] for entity in entities),
        "attributes": sum(number for entity in entities for number in entity["attributes"].values()),
    }
