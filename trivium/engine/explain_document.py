"""An explanation as JSON values. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from trivium.engine.explain import Death, Explained, Explanation, Origin, Said
from trivium.engine.plain import instant_text, key_text, plain
from trivium.model.entity import EntityShape, Group


def explanation_document(shape: EntityShape, key: Sequence[Any], found: Explanation) -> dict[str, Any]:
    """`attributes` in the order of declaration, each with its winner (or null) and its losers, the strongest first.
    `ties`: for each rank at which living statements differ, where they come from, the one that holds first."""
    return {
        "entity": shape.name,
        "key": key_text(shape, key),
        "state": found.state,
        "lacks": list(found.lacks),
        "attributes": [_attribute(explained) for explained in found.attributes],
        "deaths": [_death(death) for death in found.deaths],
        "ties": [[_origin(origin) for origin in tie.origins] for tie in found.ties],
    }


def group_value(group: Group, values: Sequence[Any]) -> Any:
    """What a statement says of a group: an object of a facet's members, or the value."""
    told = [plain(column, value) for column, value in zip(group.columns, values, strict=True)]
    if not group.facet:
        return told[0]
    return {column.path.partition(".")[2]: value for column, value in zip(group.columns, told, strict=True)}


def _attribute(explained: Explained) -> dict[str, Any]:
    return {
        "attribute": explained.group.name,
        "winner": None if explained.winner is None else _said(explained.group, explained.winner),
        "losers": [_said(explained.group, said) | {"why": said.why_not} for said in explained.losers],
    }


def _said(group: Group, said: Said) -> dict[str, Any]:
    return {"value": group_value(group, said.values), **_origin(said.origin)}


def _death(death: Death) -> dict[str, Any]:
    return {"what": death.what, "counts": death.why_not is None, "why_not": death.why_not, **_origin(death.origin)}


def _origin(origin: Origin) -> dict[str, Any]:
    return {
        "source": origin.source,
        "delivery": origin.delivery,
        "revision": origin.revision,
        "file": origin.file,
        "place": origin.place,
        "commit": origin.commit,
        "event_time": instant_text(origin.event_time),
        "sequence": origin.sequence,
        "mended": None if origin.mended is None else asdict(origin.mended),
    }
