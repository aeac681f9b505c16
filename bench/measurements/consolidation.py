"""How long a tail takes to fold, as tail and master grow."""

from __future__ import annotations

from bench import inputs
from bench.report import Section
from bench.running import run, say
from bench.scales import Scale
from bench.tasks.scratch import scratch


def measure(scale: Scale) -> Section:
    """Every tail into every master."""
    seconds: dict[tuple[int, int], float] = {}
    for master in scale.masters:
        with scratch() as folder:
            run("build", file=str(inputs.sales(master)), folder=str(folder))
            files = [str(inputs.corrected_sales(tail, master, nth)) for nth, tail in enumerate(scale.tails, 1)]
            found = run("consolidations", folder=str(folder), tails=files)["tails"]
        for tail, one in zip(scale.tails, found, strict=True):
            assert one["keys"] == tail, f"{one['keys']} keys were folded, not {tail}"
            seconds[master, tail] = one["seconds"]
            say(f"  {tail:,} into {master:,}: {one['seconds']:.2f} s")
    return Section(
        "Consolidation",
        "Later versions of keys scattered over the whole master, folded into it; the master's size across, the tail's "
        "down. DuckDB.",
        ("tail", *(f"{master:,} keys" for master in scale.masters)),
        [[f"{tail:,}", *(f"{seconds[master, tail]:.2f} s" for master in scale.masters)] for tail in scale.tails],
    )
