"""APP: the importable module, or the file, that holds domains."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from trivium.engine.embedded import importing
from trivium.errors import TriviumError, UsageError
from trivium.model.domain import Domain
from trivium.model.source import Source


@dataclass(frozen=True, slots=True)
class Application:
    """The domains of an application, in order of declaration; entities and sources are found by name."""

    name: str
    domains: tuple[Domain, ...]

    def domain(self, name: str) -> Domain:
        """The domain of this name; raises UsageError naming those there are."""
        for domain in self.domains:
            if domain.name == name:
                return domain
        raise UsageError(f"{self.name} has no domain {name!r}", hint=f"domains: {_names(self.domains)}")

    def source(self, name: str) -> tuple[Domain, Source]:
        """The source of this name and its domain."""
        for domain in self.domains:
            for source in domain.sources:
                if source.name == name:
                    return domain, source
        known = ", ".join(source.name for domain in self.domains for source in domain.sources)
        raise UsageError(f"{self.name} has no source {name!r}", hint=f"sources: {known}")

    def entity(self, name: str) -> Domain:
        """The domain that has the entity `name`; `domain.name` tells entities of one name apart."""
        prefix, _, bare = name.rpartition(".")
        found = [
            domain
            for domain in self.domains
            if prefix in ("", domain.name) and any(shape.name == bare for shape in domain.shapes)
        ]
        if len(found) == 1:
            return found[0]
        if found:
            raise UsageError(f"several domains have an entity {bare!r}", hint=f"write {found[0].name}.{bare}")
        known = ", ".join(shape.name for domain in self.domains for shape in domain.shapes)
        raise UsageError(f"{self.name} has no entity {name!r}", hint=f"entities: {known}")

    def view(self, name: str) -> Domain:
        """The domain that has the view `name`."""
        for domain in self.domains:
            if any(view.name == name for view in domain.views):
                return domain
        known = ", ".join(view.name for domain in self.domains for view in domain.views)
        raise UsageError(f"{self.name} has no view {name!r}", hint=f"views: {known or 'none'}")


def load_application(app: str) -> Application:
    """Imports APP and collects its domains. Their SQL is not tried out: see `check_sources` of the judge."""
    with importing():
        module = _import(app)
    domains = tuple(value for value in vars(module).values() if isinstance(value, Domain))
    if not domains:
        raise UsageError(f"{app} declares no domain", hint="it should hold something like orders = Domain('orders', …)")
    names = [domain.name for domain in domains]
    sources = [source.name for domain in domains for source in domain.sources]
    for kind, given in (("domain", names), ("source", sources)):
        for name in given:
            if given.count(name) > 1:
                raise UsageError(f"{app} declares the {kind} {name!r} twice", hint="give each a name of its own")
    return Application(app, domains)


class _AsWritten(SourceFileLoader):
    """Compiles what the file says now. Python's cache tells a text from the next by its second and its size, so a
    declaration of which a type of the same length was changed at once would be read as it was before.
    """

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


def _import(app: str) -> ModuleType:
    path = Path(app)
    try:
        if path.suffix == ".py" or path.is_file():
            if not path.is_file():
                raise UsageError(f"there is no file {app}", hint="APP is an importable module or a Python file")
            spec = importlib.util.spec_from_file_location(path.stem, path, loader=_AsWritten(path.stem, str(path)))
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            sys.modules[path.stem] = module  # so that annotations of the module's classes can be resolved
            spec.loader.exec_module(module)
            return module
        if str(Path.cwd()) not in sys.path:
            sys.path.insert(0, str(Path.cwd()))
        return importlib.import_module(app)
    except TriviumError:
        raise
    except ModuleNotFoundError as error:
        if error.name == app.partition(".")[0]:
            raise UsageError(
                f"there is no module {app!r}",
                hint="APP is an importable module or a Python file such as shop.py",
            ) from error
        raise UsageError(f"{app} cannot be imported: {error}", hint="install what it needs") from error
    except Exception as error:
        raise UsageError(
            f"{app} cannot be imported: {type(error).__name__}: {error}",
            hint="run it with python to see where",
        ) from error


def _names(domains: tuple[Domain, ...]) -> str:
    return ", ".join(domain.name for domain in domains)
