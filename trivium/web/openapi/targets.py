"""Which paths there are: each outline once for every entity, view and source that its path can name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trivium.model.domain import Domain, View
from trivium.model.entity import EntityShape
from trivium.model.source import Source
from trivium.web.operation import Outline


@dataclass(frozen=True, slots=True)
class Target:
    """An outline at one path. A key stands in it part by part, joined by commas, as the outside writes it."""

    outline: Outline
    path: str
    domain: Domain | None = None
    shape: EntityShape | None = None
    view: View | None = None
    source: Source | None = None

    @property
    def keyed(self) -> bool:
        """Whether the path ends with a key."""
        return self.outline.path.endswith("{key}")

    @property
    def name(self) -> str:
        """A name that no other has."""
        about = (self.source, self.domain if self.source is None else None, self.shape, self.view)
        return ".".join([self.outline.name, *(one.name for one in about if one is not None)])


def targets(outlines: Sequence[Outline], domains: Sequence[Domain]) -> Iterator[Target]:
    """All of them: for each domain what is sent by source, then what is read by entity and view."""
    for domain in domains:
        for source in (one for one in domain.sources if one.channel == "rest"):
            yield from _of_source(outlines, domain, source)
        for shape in domain.shapes:
            for outline in (one for one in outlines if "{domain}/{entity}" in one.path):
                yield Target(outline, _path(outline, shape, domain=domain.name, entity=shape.name), domain, shape)
        for view in domain.views:
            for outline in (one for one in outlines if "{domain}/{name}" in one.path):
                yield Target(outline, _path(outline, domain=domain.name, name=view.name), domain, view=view)
    for outline in outlines:
        if "{" not in outline.path:
            yield Target(outline, outline.path)


def _of_source(outlines: Sequence[Outline], domain: Domain, source: Source) -> Iterator[Target]:
    for outline in (one for one in outlines if "{source}" in one.path):
        if "{entity}" not in outline.path:
            yield Target(outline, _path(outline, source=source.name), domain, source=source)
            continue
        for shape in {route.shape.name: route.shape for route in source.routes}.values():
            path = _path(outline, shape, source=source.name, entity=shape.name)
            yield Target(outline, path, domain, shape, source=source)


def _path(outline: Outline, shape: EntityShape | None = None, **names: str) -> str:
    path = outline.path
    for name, value in names.items():
        path = path.replace(f"{{{name}}}", value)
    if shape is not None:
        path = path.replace("{key}", ",".join(f"{{{key.name}}}" for key in shape.keys))
    return path
