"""Requests: single records with many callers, a body of many, and callers beside a large file."""

from __future__ import annotations

from bench import inputs
from bench.kinds import KINDS
from bench.report import Section, Target
from bench.running import Contestant, Runs, by_turns, run, say
from bench.scales import Scale

_CALLERS = 64


def measure(scale: Scale) -> Section:
    """We and a handler that commits each request by itself."""
    seconds = {"seconds": scale.calling, "callers": _CALLERS}
    ours, plain = by_turns(
        [Contestant("Trivium", "calls", seconds), Contestant("a plain handler", "plain_calls", seconds)],
        scale.repeats,
        lambda one: f"{one['rate']:,.0f}/s, p99 {1_000 * one['p99']:.0f} ms",
    )
    rate = ours.median("rate")
    return Section(
        "Single records by REST, beside a plain handler",
        f"{_CALLERS} callers on connections of their own, in a process of their own on the same machine, each of which "
        f"sends one sale and waits for its answer, for {scale.calling} s after 3 s of warming up; an answer says that "
        "the sale is durable. The plain handler is Starlette and Pydantic on the same server (uvicorn), and commits "
        "each request by itself into a DuckDB table with a primary key: no history, account, or idempotency. "
        "*together*: requests that shared a commit, on average.",
        ("", "requests/s", "least – greatest", "p50", "p99", "together", "Trivium's rate is"),
        [_row(one, ours) for one in (ours, plain)],
        [
            Target("Single records by REST, 64 callers", rate, "at least", 4_000, "requests/s"),
            Target("their p99", 1_000 * ours.median("p99"), "at most", 50, "ms"),
        ],
    )


def measure_bodies(scale: Scale) -> Section:
    """Large NDJSON bodies, and memory that does not grow with them."""
    rows, memory = [], []
    for count in scale.bodies:
        file = KINDS["ndjson"].file(count)
        found = run("upload", file=str(file))
        assert found["rows"] == count, f"{found['rows']} of {count} rows"
        memory.append(found["memory"])
        rate = count / found["seconds"]
        say(f"  {count:,} rows: {rate:,.0f} rows/s, {memory[-1]:,.0f} MB")
        rows.append(
            [f"{count:,}", f"{file.stat().st_size / 1e6:,.0f} MB", f"{found['seconds']:.2f} s", f"{rate:,.0f}",
             f"{memory[-1]:,.0f} MB"]
        )  # fmt: skip
    return Section(
        "A body of many records by REST",
        "One request by curl with a body in NDJSON, one account; until the answer, when all of it is durable.",
        ("rows", "body", "time", "rows/s", "peak memory of the service"),
        rows,
        [Target("NDJSON by REST, the largest body", rate, "at least", 200_000, "rows/s")],
    )


def measure_beside(scale: Scale) -> Section:
    """Callers while a file loads."""
    file = inputs.sales(scale.keys)
    found = run("beside_file", file=str(file))
    milliseconds = [f"{1_000 * found[name]:.0f} ms" for name in ("p50", "p99", "worst")]
    return Section(
        "Requests while a file loads",
        f"8 callers of single records while a CSV file of {scale.keys:,} lines is loaded from the inbox "
        f"({found['seconds']:.0f} s); windows of 5 s, of which the worst p99 is told.",
        ("", "requests/s", "p50", "p99", "worst"),
        [
            ["alone", f"{found['alone_rate']:,.0f}", "", f"{1_000 * found['alone_p99']:.0f} ms", ""],
            ["while it loads", f"{found['rate']:,.0f}", *milliseconds],
        ],
        [Target(f"p99 of requests while {scale.keys:,} rows load", 1_000 * found["p99"], "at most", 250, "ms")],
    )


def _row(one: Runs, ours: Runs) -> list[str]:
    least, greatest = one.spread("rate")
    return [
        one.contestant.name,
        f"{one.median('rate'):,.0f}",
        f"{least:,.0f} – {greatest:,.0f}",
        f"{1_000 * one.median('p50'):.0f} ms",
        f"{1_000 * one.median('p99'):.0f} ms",
        f"{one.median('together'):.0f}",
        "" if one is ours else f"{ours.median('rate') / one.median('rate'):.2f}×",
    ]
