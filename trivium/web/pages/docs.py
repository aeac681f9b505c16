"""`/docs`: what the service takes and gives, for people; and the documents that say it to programs."""

from __future__ import annotations

import functools
import re
from typing import Final

from markupsafe import Markup
from starlette.datastructures import Headers
from starlette.routing import Route
from starlette.types import Scope

from trivium.web.access import Gate
from trivium.web.answering import known_tags
from trivium.web.crew import Crew
from trivium.web.openapi.document import Version
from trivium.web.openapi.serving import OPENAPI, SWAGGER, Documents
from trivium.web.operation import Outline, Reply, Told
from trivium.web.pages.page import GUARDED, HTML, Page, templates
from trivium.web.pages.told import chapters
from trivium.web.pages.words import as_html
from trivium.web.problems import Failed

DOCS: Final = Outline(
    name="docs",
    path="/docs",
    about="All of this as a page for people.",
    scope="known",
    answers={200: Told("The page.", "text")},
    problems=(401, 500, 503),
    media=("text/html",),
    browser=True,
)


def _pathed(path: str) -> Markup:
    """A path with its parameters set off."""
    return Markup("").join(
        Markup("<i>{}</i>").format(part) if part.startswith("{") else part for part in re.split(r"(\{[^}]*\})", path)
    )


def docs_routes(documents: Documents, crew: Crew, gate: Gate, failed: Failed) -> list[Route]:
    """The routes. Whoever has a key may see them: they tell what is declared, and nothing of what is kept."""

    @functools.cache
    def page() -> bytes:
        made, document = templates(), documents.made("3.1")
        made.filters |= {"html": as_html, "pathed": _pathed}
        told = made.get_template("docs.html").render(info=document["info"], chapters=chapters(document))
        return told.encode()

    async def docs(headers: Headers, _: Scope) -> Reply:
        await gate.caller(headers, browser=True)
        return Reply(await crew.do(page), HTML, headers=GUARDED)

    def document(version: Version) -> Page:
        async def answer(headers: Headers, _: Scope) -> Reply:
            await gate.caller(headers, browser=True)
            body, tag = await crew.do(documents.text, version)
            told = {"ETag": tag, "Cache-Control": "no-cache"}
            if tag in known_tags(headers):
                return Reply(b"", "application/json", 304, told)
            return Reply(body, "application/json", headers=told)

        return Page(answer, failed)

    return [
        Route(DOCS.path, Page(docs, failed), methods=["GET"]),
        Route(OPENAPI.path, document("3.1"), methods=["GET"]),
        Route(SWAGGER.path, document("2.0"), methods=["GET"]),
    ]
