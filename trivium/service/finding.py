"""What is odd though nothing was rejected: the store's findings, and breaches computed from the current records."""

from __future__ import annotations

from itertools import islice
from typing import Any

from trivium.engine.breaches import breaches
from trivium.engine.plain import key_text, plain
from trivium.service.opening import Opened


def findings(opened: Opened, *, most: int) -> list[dict[str, Any]]:
    """`commit`, `kind`, `source`, `subject`, `detail`; at most `most` breaches of each entity. A breach has no commit:
    it holds now, and is gone when the record is mended."""
    found = [
        {
            "commit": row["commit_no"],
            "kind": row["kind"],
            "source": row["source"],
            "subject": row["subject"],
            "detail": row["detail"],
        }
        for row in opened.store.control.findings().to_pylist()
    ]
    for shape in opened.domain.shapes:
        if not shape.rules:
            continue
        texts = {rule.name: rule.description or rule.expression.text for rule in shape.rules}
        broken = breaches(shape, opened.store.reader.records(shape.name, ordered=True))
        columns = {column.name: column for column in shape.columns}
        for breach in islice(broken, most):
            values = ", ".join(f"{columns[n].path}={plain(columns[n], value)}" for n, value in breach.values.items())
            found.append(
                {
                    "commit": None,
                    "kind": "breach",
                    "source": None,
                    "subject": f"{shape.name} {key_text(shape, breach.key)}",
                    "detail": f"{breach.rule} is broken: {texts[breach.rule]} ({values})",
                }
            )
    return found
