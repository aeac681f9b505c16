"""The statements that list what came in and how it stands, with the values of their parameters. What is None asks for
nothing; `render` writes a statement of the store out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

Render = Callable[..., str]
Asked = tuple[str, dict[str, Any]]


def deliveries(
    render: Render,
    given: Mapping[str, Any],
    *,
    readings: Sequence[int] | None = None,
    states: Collection[str] = (),
    behind: int | None = None,
    most: int | None = None,
) -> Asked:
    """The statement `deliveries`."""
    values = _given({**given, "readings": readings, "behind": behind, "most": most})
    named = [name for name in values if name in given]
    asked = {name: name in values for name in ("readings", "behind", "most")}
    return render("deliveries", given=named, states=sorted(states), **asked), values


def rejected(
    render: Render,
    given: Mapping[str, Any],
    *,
    closed: bool,
    decided: bool = False,
    due: int | None = None,
    most: int | None = None,
    newest: bool = False,
    behind: tuple[int, int] | None = None,
    counting: bool = False,
    unnamed: Collection[str] = (),
) -> Asked:
    """The statement `quarantine`."""
    load, place = behind or (None, None)
    values = _given({**given, "due": due, "most": most, "behind_load": load, "behind_place": place})
    named = [name for name in values if name in given]
    asked = {"closed": closed, "decided": decided, "counting": counting, "newest": newest, "behind": behind is not None}
    asked |= {name: name in values for name in ("due", "most")}
    return render("quarantine", given=named, unnamed=sorted(unnamed), **asked), values


def findings(
    render: Render, given: Mapping[str, Any], *, behind: tuple[int, str, str, str, str] | None, most: int | None
) -> Asked:
    """The statement `findings`."""
    names = ("behind_commit", "behind_kind", "behind_subject", "behind_source", "behind_detail")
    values = _given({**given, "most": most, **dict(zip(names, behind or (), strict=False))})
    named = [name for name in values if name in given]
    return render("findings", given=named, behind=behind is not None, most=most is not None), values


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
