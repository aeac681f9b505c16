"""The whole document, put together by apispec."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

from apispec import APISpec

from trivium.model.domain import Domain
from trivium.web.openapi.answers import SHARED, rows_schema
from trivium.web.openapi.operations import (
    BROWSER,
    EVERYWHERE,
    KEY,
    REF,
    STANDING,
    operation,
    problem_responses,
    sent_name,
    shown_name,
)
from trivium.web.openapi.records import change_schema, flowing, gone_schema, record_schema
from trivium.web.openapi.swagger import lowered, lowered_operation, lowered_response
from trivium.web.openapi.taken import source_schema
from trivium.web.openapi.targets import Target, targets
from trivium.web.openapi.values import Schema
from trivium.web.openapi.views import view_schema
from trivium.web.operation import Operation, Outline

Version = Literal["3.1", "2.0"]

_WHOLE: Final = {"3.1": "3.1.0", "2.0": "2.0"}
_ABOUT: Final = """\
One master record per business key, whatever road the data took.

- **Values.** Decimals travel as texts, so that no float touches them; times are RFC 3339 in UTC; texts are UTF-8.
- **Keys** stand in a path part by part, joined by `,`; a `,` `/` or `%` inside a part is percent-encoded.
- **Forms.** What is read comes as JSON, NDJSON or CSV, by `Accept` or `?format=`. `HEAD` works wherever `GET` does.
- **Problems** are `application/problem+json` (RFC 9457): `detail` says what is wrong and where, `hint` what to do.
- **Retries.** 429 and 503 say in `Retry-After` when to come again. A request with an `Idempotency-Key` can be sent
  again in any case.
- **Sensitive** members (`x-sensitive`) are null for a key that may not see them.
"""


def document(
    outlines: Sequence[Outline], domains: Sequence[Domain], version: Version, *, release: str, to_anybody: bool
) -> dict[str, Any]:
    """The document of a service that serves these domains, as JSON values. `release`: the version of Trivium;
    `to_anybody`: nobody is asked for a key.

    It is valid by the specification of its version, and says of the service nothing that it does not do.
    """
    new = version == "3.1"
    spec = APISpec(
        title=f"Trivium: {', '.join(domain.name for domain in domains)}",
        version=release,
        openapi_version=_WHOLE[version],
        info={"description": _ABOUT, "license": {"name": "Apache-2.0"}},
        **({"servers": [{"url": "/"}]} if new else {"basePath": "/"}),
        security=[{KEY: []}],
    )
    for domain in domains:
        about = _about(domain)
        spec.tag({"name": domain.name} | ({"description": about} if about else {}))
    spec.tag({"name": STANDING, "description": "What came in, how the service stands, and what it tells of itself."})
    _schemes(spec, new=new)
    found = list(targets(outlines, domains))
    for name, schema in _schemas(found, domains):
        spec.components.schema(name, schema if new else lowered(schema))
    problems = sorted({*EVERYWHERE, *(status for outline in outlines for status in outline.problems)})
    for name, response in problem_responses(problems).items():
        spec.components.response(name, response if new else lowered_response(response))
    for target in found:
        told = operation(target, domains, to_anybody=to_anybody)
        told = told if new else lowered_operation(told)
        spec.path(path=target.path, operations={target.outline.method.lower(): told})
    whole: dict[str, Any] = spec.to_dict()
    return whole


def _schemes(spec: APISpec, *, new: bool) -> None:
    about = "An API key, which `trivium keys APP make` makes. A service that is open asks nobody for one."
    if new:
        spec.components.security_scheme(KEY, {"type": "http", "scheme": "bearer", "description": about})
        password = {"type": "http", "scheme": "basic"}
    else:
        about = f"`Bearer KEY`. {about}"
        spec.components.security_scheme(
            KEY, {"type": "apiKey", "in": "header", "name": "Authorization", "description": about}
        )
        password = {"type": "basic"}
    spec.components.security_scheme(BROWSER, password | {"description": "For browsers: any name, and the key."})


def _schemas(found: Sequence[Target], domains: Sequence[Domain]) -> Iterator[tuple[str, Schema]]:
    """All schemas that have names: of every entity, source and view, and the shared ones."""
    for domain in domains:
        for shape in domain.shapes:
            name = f"{domain.name}.{shape.name}"
            yield name, record_schema(shape)
            yield f"{name}.gone", gone_schema(shape)
            yield f"{name}.change", change_schema(shape, f"{REF}{name}")
    for target in found:
        if target.view is not None and target.domain is not None:
            yield shown_name(target), view_schema(target.domain, target.view)
        elif target.outline.method == "POST" and target.source is not None:
            yield sent_name(target), source_schema(target.source)
        elif isinstance(target.outline, Operation) and target.outline.rows is not None:
            yield f"{target.name}.row", rows_schema(target.outline.members)
            if target.outline.others:
                yield f"{target.name}.other", rows_schema(target.outline.others)
    yield from SHARED.items()


def _about(domain: Domain) -> str | None:
    """What the module says that declares the domain, if it declares no other."""
    module = sys.modules.get(domain.entities[0].__module__)
    if module is None or not module.__doc__:
        return None
    declared = [one for one in vars(module).values() if isinstance(one, Domain)]
    return flowing(module.__doc__) if declared == [domain] else None
