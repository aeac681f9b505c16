"""A delivery that was called, as it can be judged again."""

from __future__ import annotations

from urllib.parse import unquote

from trivium.channels.rest.deletes import deleting
from trivium.channels.rest.upload import as_sent
from trivium.errors import UsageError
from trivium.model.source import Source


def as_delivered(source: Source, line: str) -> Source:
    """The source as it read the delivery that is called `line` (see `Sent`): other sources are as they are declared.

    Raises UsageError where the source does not state any more what was deleted.
    """
    if source.channel != "rest":
        return source
    method, path, media, *_ = [*line.split(" "), "", ""]
    if method != "DELETE":
        return as_sent(source, media)
    name = unquote(path.split("/")[-2])
    for route in source.routes:
        if route.shape.name == name:
            return deleting(source, route.shape)
    raise UsageError(f"{source.name} does not state {name} any more", hint="declare it again, or leave the delivery be")
