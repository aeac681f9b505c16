"""An operation: what is asked by a method and a path, declared with all that the outside has to know of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from trivium.service.opening import Opened
from trivium.web.access import Caller, Scope
from trivium.web.formats import Format
from trivium.web.parameters import Parameter
from trivium.web.places import Place, Places


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, as its operation sees it. `path` are the parameters of the path as they came, not decoded; `values`
    those of the query that the operation declares, `others` the texts of further ones. `known` are the tags of contents
    that the caller has. `now` is when it came."""

    places: Places
    caller: Caller
    path: Mapping[str, str]
    values: Mapping[str, Any]
    others: Mapping[str, str]
    query: bytes
    format: Format
    known: frozenset[str]
    now: dt.datetime

    @property
    def place(self) -> Place:
        """The domain that the path names; raises Unknown."""
        return self.places.of(self.path["domain"])

    @property
    def opened(self) -> Opened:
        """Its store; raises Away while there is none."""
        return self.place.take()


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, whole or in pieces. Pieces come from an iterator that holds something, such as a cursor: who has the
    reply closes it."""

    body: bytes | Iterator[bytes]
    media: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is nothing to tell yet: `reply` is the answer unless something is committed after `commit` within `seconds`
    of the request; then the operation is asked `again`."""

    reply: Reply
    place: Place
    commit: int
    seconds: float
    again: Asked


@dataclass(frozen=True, slots=True)
class Told:
    """An answer as the outside knows it: what it means, the name of its schema where it has a body of its own (else it
    is a problem, or nothing), and the headers that tell something."""

    about: str
    schema: str | None = None
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a row; one of a nested object has its path, such as `account.received`. `always`: it is never
    null. `inside`: the members of the object, or of each object of the list."""

    path: str
    kind: Literal["text", "integer", "number", "boolean", "instant", "list", "object"]
    about: str
    always: bool = True
    inside: tuple[Member, ...] = ()


READ_PROBLEMS: Final = (400, 401, 403, 406, 500, 503)
"""The statuses of problems that whatever is read may be answered with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A method at a path, as the outside knows it; the OpenAPI documents are made of these.

    `path` has its parameters in braces, `parameters` are those of the query, `headers` those that are read from
    headers. `scope`: what a caller must be allowed; "known": to have a key is enough; None: nobody is asked. `answers`
    by status; `problems` are the statuses of further ones that are problems. `media`: what comes, where it does not
    come in forms. `browser`: the key may come as a password.
    """

    name: str
    path: str
    about: str
    scope: Scope | Literal["known"] | None
    answers: Mapping[int, Told]
    parameters: tuple[Parameter, ...] = ()
    headers: tuple[Parameter, ...] = ()
    problems: tuple[int, ...] = READ_PROBLEMS
    media: tuple[str, ...] = ()
    method: str = "GET"
    browser: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Outline):
    """What is read. `handle` runs on a thread of the crew. `filters`: the attributes of the entity, or what the view
    declares, are parameters too. Where the answer is a list, `rows` is what it is called in JSON, and `members` are
    those of each row; or, where it tells of something else, `others`."""

    scope: Scope
    handle: Callable[[Asked], Reply | Nothing]
    formats: tuple[Format, ...] = ("json",)
    filters: bool = False
    rows: str | None = None
    members: tuple[Member, ...] = ()
    others: tuple[Member, ...] = ()

    @property
    def asked(self) -> tuple[Parameter, ...]:
        """All parameters of the query that have names of their own."""
        form = Parameter("format", "text", "The form of the answer, whatever Accept says.", choices=self.formats)
        return (*self.parameters, form)
