"""Every route of the service is in the document, and the other way round."""

from __future__ import annotations

import re
from functools import partial
from typing import cast

import pytest
from starlette.routing import Route

from tests.openapi.documents import ODD, made
from trivium.ops.metrics import Metrics
from trivium.ops.pulse import Pulse
from trivium.service.application import load_application
from trivium.service.overview import Overview
from trivium.web.application import Application
from trivium.web.openapi import Version
from trivium.web.pages.home import page_routes
from trivium.web.places import Place

_PARTS_OF_PAGES = {"/pages/now", "/pages/pulse", "/static/{name}"}
"""What pages load: they change with the page, and are nothing to build on."""


@pytest.mark.parametrize("version", ["3.1", "2.0"])
@pytest.mark.parametrize("app", ["retail", ODD], ids=["retail", "odd"])
def test_what_is_served_is_told_and_nothing_else(app: str, version: Version) -> None:
    routes = {(method, route.path) for route in _routes(app) for method in route.methods or () if method != "HEAD"}
    told = {(method.upper(), path) for path, one in made(app, version)["paths"].items() for method in one}
    served = {(method, path) for method, path in routes if path not in _PARTS_OF_PAGES}
    for method, path in told:
        assert any(method == m and _fits(pattern, path) for m, pattern in served), (method, path)
    for method, pattern in served:
        assert any(method == m and _fits(pattern, path) for m, path in told), (method, pattern)


def test_each_entity_view_and_source_has_its_paths() -> None:
    paths = made(ODD, "3.1")["paths"]
    assert paths.keys() >= {
        "/v1/in/in", "/v1/in/a-1", "/v1/in/explain", "/v1/in/explain/gone/{openapi}", "/v1/in/explain/x/{x}",
        "/v1/records/records/everything/{text},{number},{day},{price},{flag},{at},{clock},{ident}",
        "/v1/records/records/gone", "/v1/changes/bare/x", "/v1/explain/bare/x/{x}", "/v1/reports/records/some",
    }  # fmt: skip
    assert not [path for path in paths if "files" in path or "topic" in path], "only who calls has a path"


def _routes(app: str) -> list[Route]:
    """Those of an application as the service puts it together, of which no store is ever asked."""
    places = [Place(domain, lambda: None) for domain in load_application(app).domains]
    pulse = Pulse(Metrics(lambda: ()))
    web = Application(
        places,
        failed=lambda what, error: None,
        pages=partial(page_routes, cast(Overview, None), pulse),
    )
    return [route for route in web.starlette.router.routes if isinstance(route, Route)]


def _fits(pattern: str, path: str) -> bool:
    """Whether a path of the document is one of a route's."""
    return re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", pattern), path) is not None
