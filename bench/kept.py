"""What was found last, measurement by measurement, so that a page can be made of runs at different hours."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path

from bench.inputs import cache
from bench.report import Found, Section, Target


def keep(name: str, found: Found) -> None:
    """Puts it in the place of what the measurement found before."""
    path = _path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(dataclasses.asdict(found)), encoding="utf-8")


def kept(names: Iterable[str]) -> list[Found]:
    """What these measurements found last, of those that ran on this machine."""
    return [_read(_path(name)) for name in names if _path(name).exists()]


def _read(path: Path) -> Found:
    values = json.loads(path.read_text("utf-8"))
    section = values.pop("section")
    section["targets"] = [Target(**target) for target in section["targets"]]
    return Found(section=Section(**section), **values)


def _path(name: str) -> Path:
    return cache() / "found" / f"{name}.json"
