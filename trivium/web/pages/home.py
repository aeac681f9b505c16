"""`/`: what the service does now, live."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Final

import jinja2
from starlette.datastructures import Headers
from starlette.routing import Route
from starlette.types import Scope

from trivium.model.instants import EPOCH
from trivium.ops.pulse import Pulse
from trivium.service.overview import Overview
from trivium.web.access import Gate, Need, require
from trivium.web.crew import Crew
from trivium.web.operation import Outline, Reply, Told
from trivium.web.pages.page import GUARDED, HTML, Page, templates
from trivium.web.problems import Failed

HOME: Final = Outline(
    name="home",
    path="/",
    about="What the service does now, as a page for people.",
    scope="operate",
    answers={200: Told("The page.", "text")},
    problems=(401, 403, 500, 503),
    media=("text/html",),
    browser=True,
)


def page_routes(overview: Overview, pulse: Pulse, crew: Crew, gate: Gate, failed: Failed) -> list[Route]:
    """The page, and the parts of it that move. Whoever sees it must be allowed to operate; a browser asks
    for a name, which may be any, and a password, which is the API key."""
    made = _templates()

    def page() -> bytes:
        return made.get_template("home.html").render(now=overview.now()).encode()

    def now() -> bytes:
        return made.get_template("now.html").render(now=overview.now()).encode()

    async def seen(headers: Headers) -> None:
        require(await gate.caller(headers, browser=True), Need("operate"))

    async def home(headers: Headers, _: Scope) -> Reply:
        await seen(headers)
        return Reply(await crew.do(page), HTML, headers=GUARDED)

    async def moving(headers: Headers, _: Scope) -> Reply:
        await seen(headers)
        return Reply(await crew.do(now), HTML, headers=GUARDED)

    async def beating(headers: Headers, _: Scope) -> Reply:
        await seen(headers)
        times, series = pulse.series()
        told = {"times": times, "series": {source: values for (_, source), values in series.items()}}
        return Reply(json.dumps(told).encode(), "application/json", headers=GUARDED)

    return [
        Route(path, Page(answer, failed), methods=["GET"])
        for path, answer in (
            (HOME.path, home), ("/pages/now", moving), ("/pages/pulse", beating),
        )
    ]  # fmt: skip


def _templates() -> jinja2.Environment:
    made = templates()
    made.filters |= {
        "thousands": lambda number: f"{number:,}",
        "rate": lambda number: f"{number:,.0f}" if number >= 10 else f"{number:.1f}",
        "seconds": _seconds,
        "ago": _ago,
        "moment": lambda at: _ago(dt.datetime.fromtimestamp(at, dt.UTC)),
        "since": lambda text: f"since {text[11:19]} UTC",
    }
    return made


def _ago(at: dt.datetime | int) -> str:
    """How long ago, in the unit that a person would use; of a time, in UTC where it says nothing else, or of
    microseconds."""
    if isinstance(at, int):
        at = EPOCH + dt.timedelta(microseconds=at)
    aware = at if at.tzinfo else at.replace(tzinfo=dt.UTC)
    return f"{_seconds((dt.datetime.now(dt.UTC) - aware).total_seconds())} ago"


def _seconds(number: Any) -> str:
    seconds = max(float(number), 0.0)
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
