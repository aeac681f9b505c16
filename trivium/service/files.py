"""The files that a person means by a path, a folder or a pattern."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from trivium.errors import RefusedDelivery, TriviumError, UsageError
from trivium.model.domain import Domain
from trivium.model.source import Source


@dataclass(frozen=True, slots=True)
class Refused:
    """A file of which nothing was kept, or a pattern that finds none, and why."""

    file: str
    error: TriviumError


def expand(source: Source, given: Sequence[str]) -> list[Path | Refused]:
    """Paths as they are; a folder as the files in it that are called like the source's; a pattern as what it finds.

    A folder or a pattern in which nothing is found is refused where others have files, and raises UsageError where
    none has: a load of nothing must not look like a success. A file is given once, however often it is meant.
    """
    found: list[Path | Refused] = []
    for name in given:
        try:
            found += _meant(source, name)
        except UsageError as error:
            found.append(Refused(name, error))
    if all(isinstance(one, Refused) for one in found):
        for one in found:
            assert isinstance(one, Refused)
            raise one.error
    refused = [one for one in found if isinstance(one, Refused)]
    paths = dict.fromkeys(one for one in found if isinstance(one, Path))
    return [*paths, *refused]


def _meant(source: Source, name: str) -> list[Path]:
    path = Path(name)
    if path.is_dir():
        return _in_folder(source, path)
    if path.exists() or not glob.has_magic(name):
        return [path]
    matches = sorted(Path(match) for match in glob.glob(name, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern
    files = [match for match in matches if match.is_file() and not _is_manifest(source, match)]
    if not files:
        raise UsageError(f"no file is called like {name}", hint=_called(source))
    return files


def check_file(domain: Domain, source: Source, path: Path) -> None:
    """Raises RefusedDelivery where there is no such file, or where its name is none of the source's files."""
    if not path.exists():
        raise RefusedDelivery(f"there is no file {path}", hint=f"look at the path; {_called(source)}")
    if _is_manifest(source, path):
        raise RefusedDelivery(
            f"{path.name} is called like a manifest of {source.name}", hint="load the file that it speaks of"
        )
    if source.files is None or source.files.match(path.name):
        return
    others = [one.name for one in domain.sources if one.files and one.files.match(path.name)]
    of_others = f"; it is called like a file of {' and '.join(others)}" if others else ""
    raise RefusedDelivery(
        f"{path.name} is not called like a file of {source.name}",
        hint=f"its files are called {source.files.name}{of_others}",
    )


def _in_folder(source: Source, folder: Path) -> list[Path]:
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    files = [path for path in files if not _is_manifest(source, path)]
    mine = [path for path in files if source.files is None or source.files.match(path.name)]
    if not mine:
        raise UsageError(f"the folder {folder} has no file of {source.name}", hint=_called(source))
    return mine


def _is_manifest(source: Source, path: Path) -> bool:
    """Whether a file is there for the sake of another; a name of its files that is called like a manifest is one."""
    return source.terms.manifest is not None and source.terms.manifest.is_called(path.name)


def _called(source: Source) -> str:
    if source.files is None:
        return "name a file, a folder with files, or a pattern"
    return f"files of {source.name} are called {source.files.name}"
