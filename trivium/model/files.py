"""The names of files: which source they belong to and what they say of their delivery."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from trivium.errors import DeclarationError
from trivium.model.naming import check_name

_CAPTURE: Final = re.compile(r"\{([^{}]*)\}")
_PART: Final = re.compile(r"(?:[^,\\]|\\.)+")
"""A value in the name of a delivery: a comma in it has a backslash before it."""

REVISION: Final = "revision"
_PACKED: Final = re.compile(r"(?<=.)\.(gz|zst|zip)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FileName:
    """What a file's name says: the delivery it is, the revision if any, and the values captured."""

    delivery: str
    revision: int | None
    captured: dict[str, str]


@dataclass(frozen=True, slots=True)
class FilePattern:
    """`oms/orders_{business_date}_r{revision}.csv`: the last part is the file's name, `{…}` are captures.

    `{revision}` is a whole number and no part of the delivery's name. The delivery is called by the other
    captures, joined by commas (one inside a capture has a backslash before it), or by the file's name where there are
    none.
    """

    text: str
    captures: tuple[str, ...]

    @property
    def name(self) -> str:
        """The pattern of the file's name, without its folders."""
        return self.text.rsplit("/", 1)[-1]

    def match(self, file_name: str) -> FileName | None:
        """What `file_name` (no folders) says, or None if it is not one of these files. One that is packed may have
        `.gz`, `.zst` or `.zip` behind its name, which says nothing more."""
        bare = without_packing(file_name)
        return (self._match(bare) if bare != file_name else None) or self._match(file_name)

    def _match(self, file_name: str) -> FileName | None:
        found = _regular(self.name).fullmatch(file_name)
        if found is None:
            return None
        captured = found.groupdict()
        revision = captured.pop(REVISION, None)
        delivery = ",".join(map(_escaped, captured.values())) or file_name
        if revision is not None and not captured:
            delivery = file_name[: found.start(REVISION)] + "*" + file_name[found.end(REVISION) :]
        return FileName(delivery, None if revision is None else int(revision), captured)

    def named(self, values: Mapping[str, str]) -> str:
        """The delivery with these values; a capture that has none stands as `*`."""
        return ",".join(_escaped(values[name]) if name in values else "*" for name in self._naming)

    def values(self, delivery: str) -> dict[str, str] | None:
        """The captures that a delivery is called by, the reverse of `named`; none where names have none; None if it is
        called in another way."""
        names = self._naming
        if not names:
            return {}
        found = delivery.split(",")
        if "\\" in delivery:
            found = [re.sub(r"\\(.)", r"\1", part) for part in _PART.findall(delivery)]
        return dict(zip(names, found, strict=True)) if len(found) == len(names) else None

    @property
    def _naming(self) -> tuple[str, ...]:
        return tuple(name for name in self.captures if name != REVISION)


@lru_cache(maxsize=1024)
def _regular(name: str) -> re.Pattern[str]:
    """The regular expression of a pattern; a folder of thousands of files asks for it thousands of times."""
    parts = enumerate(_CAPTURE.split(name))
    return re.compile("".join(_form(part) if index % 2 else re.escape(part) for index, part in parts))


def without_packing(file_name: str) -> str:
    """The name without what packing puts behind it."""
    return _PACKED.sub("", file_name)


def _escaped(value: str) -> str:
    """Two names are one delivery only if all of their captures are equal."""
    return value.replace("\\", "\\\\").replace(",", "\\,")


def _form(capture: str) -> str:
    return rf"(?P<{capture}>[0-9]{{1,18}})" if capture == REVISION else rf"(?P<{capture}>[^/]+?)"


def parse_files(text: str, where: str) -> FilePattern:
    """The pattern `text`, refused where a capture is not a name or stands twice."""
    captures = tuple(_CAPTURE.findall(text.rsplit("/", 1)[-1]))
    for capture in captures:
        check_name(capture, f"{where}: files={text!r}")
    if len(set(captures)) < len(captures):
        raise DeclarationError(where, f"files={text!r} captures a name twice", cure="give each capture its own name")
    if _CAPTURE.search(text.rpartition("/")[0]):
        raise DeclarationError(where, f"files={text!r} captures in a folder", cure="capture in the file's name only")
    return FilePattern(text, captures)
