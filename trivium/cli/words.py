"""How figures, times and texts of others are written for a person."""

from __future__ import annotations

import datetime as dt
import re
import shlex
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Final

from trivium.service.documents import account_document, instant

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_SHORT: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


_APP: ContextVar[str] = ContextVar("app", default="APP")
_OF_APP: Final = re.compile(r"(?:(`)(?:trivium )?|\btrivium )([a-z][a-z ]*)APP\b")


def working_for(app: str) -> None:
    """From now on the commands in messages are those of this application: see `with_app`."""
    _APP.set(app)


def with_app(text: str) -> str:
    """A message whose commands can be typed as they stand: in `trivium status APP` the application, where a command
    works for one."""
    return _OF_APP.sub(lambda found: f"{found[1] or ''}trivium {found[2]}{shlex.quote(_APP.get())}", text)


def visible(text: object) -> str:
    """A text of others, made safe to show: control characters are written out, so that none moves the cursor."""
    return _CONTROL.sub(lambda c: _SHORT.get(c[0], f"\\x{ord(c[0]):02x}" if ord(c[0]) < 256 else ""), str(text))


def count(number: int) -> str:
    """`12,345`."""
    return f"{number:,}"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """`1 record`, `2 records`."""
    return f"{count(number)} {noun if number == 1 else plural or noun + 's'}"


def size(number: int) -> str:
    """Bytes, in the unit that suits."""
    value, unit = float(number), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"


def second(at: dt.datetime | int | None) -> str:
    """The same for tables: to the second, or a dash."""
    whole = instant(at)
    return "–" if whole is None else whole[:19] + "Z"


def account(figures: Mapping[str, int] | Any) -> str:
    """`3 received = 2 accepted + 1 rejected + 0 ignored`."""
    figures = account_document(figures)
    rest = " + ".join(f"{count(figures[name])} {name}" for name in ("accepted", "rejected", "ignored"))
    return f"{count(figures['received'])} received = {rest}"


def again(*words: str, store: str | None = None) -> str:
    """A command to type next. A store that may hold a password is left to the one who knows it."""
    told = [] if store is None or "@" in store else ["--store", store]
    return shlex.join(["trivium", *words, *told])


def lacks(attribute: str) -> str:
    """What to say of a required attribute that no source states."""
    entity, _, name = attribute.partition(".")
    return (
        f"{name} is required and stated by no source: every {entity} is incomplete, and left out of exports and "
        "reports; map it, or make it optional"
    )


def called(file: str) -> str:
    """What a person calls what brought a delivery: a file's name without its folder, the method and path of a request,
    a range of a partition."""
    request = _REQUEST.match(file)
    if request is not None:
        return request[0]
    return file if _RANGE.search(file) else file.rpartition("/")[2]


_REQUEST = re.compile(r"(POST|DELETE) /\S+")
_RANGE = re.compile(r"/\d+@\d+-\d+$")
