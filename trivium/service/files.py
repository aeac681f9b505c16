"""The files that a person means by a path, a folder or a pattern."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from pathlib import Path

from trivium.errors import UsageError
from trivium.model.source import Source


def expand(source: Source, given: Sequence[str]) -> list[Path]:
    """Paths as they are; a folder as the files in it that are called like the source's; a pattern as what it finds.

    A folder or a pattern in which nothing is found raises UsageError: a load of nothing must not look like a
    success. A file is given once, however often it is meant.
    """
    found: list[Path] = []
    for name in given:
        path = Path(name)
        if path.is_dir():
            found += _in_folder(source, path)
        elif path.exists() or not glob.has_magic(name):
            found.append(path)
        else:
            matches = sorted(Path(match) for match in glob.glob(name, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern
            files = [match for match in matches if match.is_file()]
            if not files:
                raise UsageError(f"no file is called like {name}", hint=_called(source))
            found += files
    return list(dict.fromkeys(found))


def _in_folder(source: Source, folder: Path) -> list[Path]:
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    mine = [path for path in files if source.files is None or source.files.match(path.name)]
    if not mine:
        raise UsageError(f"the folder {folder} has no file of {source.name}", hint=_called(source))
    return mine


def _called(source: Source) -> str:
    if source.files is None:
        return "name a file, a folder with files, or a pattern"
    return f"files of {source.name} are called {source.files.name}"
