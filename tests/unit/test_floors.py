"""The architecture: imports run downward only, and every module stands on a floor."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Top down. Folders on one floor are neighbours that do not know each other.
FLOORS: list[set[str]] = [
    {"__main__"},
    {"cli"},
    {"web"},
    {"service"},
    {"channels", "feeds", "ops"},
    {"adapters"},
    {"ports"},
    {"engine"},
    {"model"},
]
LEVEL = {part: len(FLOORS) - floor for floor, parts in enumerate(FLOORS) for part in parts}
FREE = "errors"
"""May be imported from every floor; imports nothing of the package itself."""
FACE = ""
"""The package's own `__init__`: shows the model to teams, so it stands where the model's users may see it."""
OUTSIDE = {"retail", "tests", "bench", "examples"}
"""Lives beside the package and uses it, never the other way round."""


def imported(tree: ast.AST, package: list[str]) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything a module imports, relative imports made absolute.

    `from a import b` gives `a.b`: b may be a module; what it is else does no harm.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f"{module}.{alias.name}"


def part_of(parts: list[str]) -> str:
    """The floor's part that a module of the package belongs to: `engine` of `trivium.engine.judge`."""
    known = len(parts) > 1 and (parts[1] in LEVEL or parts[1] == FREE)
    return parts[1] if known else FACE


def may(importer: str, wanted: str) -> bool:
    if wanted in (importer, FREE):
        return True
    if importer == FREE:
        return False
    if importer == FACE:
        return wanted == "model"
    if wanted == FACE:
        return LEVEL[importer] > LEVEL["model"]
    return LEVEL[importer] > LEVEL[wanted]


def offences(root: Path) -> list[str]:
    """One line for every import that does not run downward, and every module on no floor."""
    found = []
    for path in sorted((root / "trivium").rglob("*.py")):
        where = path.relative_to(root)
        parts = list(where.with_suffix("").parts)
        package = parts[:-1]
        own = FACE if parts == ["trivium", "__init__"] else part_of(parts)
        if own == FACE and parts != ["trivium", "__init__"]:
            found.append(f"{where} stands on no floor")
            continue
        for line, name in imported(ast.parse(path.read_bytes()), package):
            target = name.split(".")
            if target[0] in OUTSIDE:
                found.append(f"{where}:{line} imports {name} from outside the package")
            elif target[0] == "trivium" and not may(own, part_of(target)):
                found.append(f"{where}:{line} imports {name}, which is not below it")
    return found


def test_imports_run_downward_only() -> None:
    assert offences(ROOT) == []


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("model/entity.py", "import trivium.engine.fold"),
        ("model/entity.py", "from trivium import Entity"),
        ("model/entity.py", "def late() -> None:\n    from ..engine import fold"),
        ("engine/judge.py", "from trivium import ports"),
        ("engine/judge.py", "from trivium.ports import History"),
        ("ports.py", "from .adapters.stores import duckdb"),
        ("adapters/stores/duckdb.py", "import trivium.web"),
        ("channels/rest.py", "from trivium.web import app"),
        ("web/app.py", "from trivium.cli import main"),
        ("service.py", "from trivium.cli import main"),
        ("service.py", "import retail"),
        ("errors.py", "from trivium.model import naming"),
        ("__init__.py", "from trivium.service import run"),
        ("model/entity.py", "from tests.servers import postgres"),
        ("helpers.py", "import os"),
    ],
)
def test_an_import_upward_is_found(tmp_path: Path, path: str, code: str) -> None:
    write(tmp_path, path, code)
    assert len(offences(tmp_path)) == 1


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("__main__.py", "from trivium.cli import main"),
        ("cli.py", "from trivium import Entity, service"),
        ("service.py", "from trivium.channels import rest\nfrom trivium.adapters.stores import duckdb"),
        (
            "web/app.py",
            "from .pages import home\nfrom ..engine import explain\nfrom trivium.ports import Reader",
        ),
        (
            "engine/judge.py",
            "import duckdb\nfrom trivium.model import Entity\nfrom trivium.errors import Refused",
        ),
        (
            "model/entity.py",
            "from trivium.model.facet import Facet\nfrom trivium.errors import DeclarationError",
        ),
        ("__init__.py", "from trivium.model.entity import Entity"),
        ("errors.py", "from dataclasses import dataclass"),
    ],
)
def test_an_import_downward_is_fine(tmp_path: Path, path: str, code: str) -> None:
    write(tmp_path, path, code)
    assert offences(tmp_path) == []


def write(root: Path, path: str, code: str) -> None:
    file = root / "trivium" / path
    file.parent.mkdir(parents=True)
    file.write_text(code)
