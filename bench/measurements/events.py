"""Events from a real broker: a backlog beside plain consuming and Bytewax, and single ones at a steady rate."""

from __future__ import annotations

import importlib.util

from bench.report import Section, Target
from bench.running import run, say
from bench.scales import Scale

_RATE = 1_000


def measure(scale: Scale) -> Section:
    """Backlogs, ascending."""
    rows, rate, share = [], 0.0, 0.0
    for count in scale.backlogs:
        found = run("drained", count=count)
        working = found["seconds"] - found["started"]
        rate, share = count / working, count / working / found["plain"]
        say(f"  {count:,} events: {rate:,.0f}/s, {share:.2f} of plain consuming, {found['memory']:,.0f} MB")
        rows.append(
            [f"{count:,}", "Trivium", f"{working:.2f} s", f"{rate:,.0f}", f"{share:.2f}×", f"{found['memory']:,.0f} MB"]
        )
        if importlib.util.find_spec("bytewax") is None:
            rows.append([f"{count:,}", "Bytewax", "skipped: it is not installed", "", "", ""])
            continue
        theirs = run("peer_drained", count=count)
        assert theirs["rows"] == count, f"Bytewax wrote {theirs['rows']} of {count} rows"
        rows.append(
            [f"{count:,}", "Bytewax", f"{theirs['seconds']:.2f} s", f"{count / theirs['seconds']:,.0f}",
             f"{count / theirs['seconds'] / found['plain']:.2f}×", f"{theirs['peak_mb']:,.0f} MB"]
        )  # fmt: skip
    return Section(
        "A backlog of events",
        "Sales in JSON in a topic of four partitions of a real Kafka broker on the same machine, until all are durable "
        "and can be read by HTTP; less the start of the service. *of plain consuming*: of what a consumer "
        "(confluent-kafka, 10,000 at a time) reads in the same run that does nothing with them. Bytewax parses them, "
        "and inserts or replaces 10,000 at a time by key in a DuckDB file; no history, positions, or quarantine.",
        ("events", "", "time", "events/s", "of plain consuming", "peak memory"),
        rows,
        [
            Target("Events from a backlog", rate, "at least", 150_000, "events/s"),
            Target("Events, of plain consuming", share, "at least", 0.25),
        ],
    )


def measure_singles(scale: Scale) -> Section:
    """How soon an event is seen."""
    found = run("singles", rate=_RATE, seconds=scale.calling)
    p50, p99, worst = (f"{1_000 * found[name]:,.0f} ms" for name in ("p50", "p99", "worst"))
    return Section(
        "How soon an event is seen",
        f"{_RATE:,} events a second, one by one, for {scale.calling} s: from the call that produces one until a reader "
        "who waits at `/v1/changes` has it, the broker, the service, the producer and the reader on the same machine.",
        ("events", "p50", "p99", "worst"),
        [[f"{found['rows']:,}", p50, p99, worst]],
        [Target("An event is seen, p99", found["p99"], "at most", 1, "s")],
    )
