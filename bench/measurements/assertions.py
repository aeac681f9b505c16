"""Records that assert to be complete, beside the same records that do not."""

from __future__ import annotations

from bench import inputs
from bench.report import COMPARED, Section, compared
from bench.running import Contestant, compare
from bench.scales import MILLION, Scale


def measure(scale: Scale) -> Section:
    """Orders with their lines, with and without `asserts`."""
    file = str(inputs.orders(scale.orders))
    runs = compare(
        [
            Contestant("no assertion", "ours", {"file": file, "consolidate": True, "domain": "orders"}),
            Contestant(
                "every order asserts its lines",
                "ours",
                {"file": file, "consolidate": True, "domain": "orders_asserted"},
            ),
        ],
        scale.repeats if scale.orders < MILLION else 1,
    )
    plain, asserted = runs
    rows = compared(runs, 3 * scale.orders, plain)
    return Section(
        "Record assertions",
        f"{scale.orders:,} orders of three lines each (NDJSON), loaded and consolidated; "
        f"{asserted.median('load_seconds'):.1f} s of the second are the load, {plain.median('load_seconds'):.1f} s of "
        "the first. DuckDB.",
        (*COMPARED[:-1], "no assertion is as fast as"),
        rows,
    )
