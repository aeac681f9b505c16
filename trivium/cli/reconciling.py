"""A reconciliation as JSON values."""

from __future__ import annotations

import json
from typing import Any

from trivium.ports import Reconciliation
from trivium.service.documents import instant


def summary_document(one: Reconciliation) -> dict[str, Any]:
    """What it came to, without the differences."""
    return {
        "source": one.source,
        "delivery": one.delivery,
        "against": one.against,
        "computed_at": instant(one.computed_at),
        **json.loads(one.summary),
    }
