"""The application and the stores that a command works on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from trivium.cli.words import again, working_for
from trivium.errors import StoreMismatch, StoreUnusable

if TYPE_CHECKING:
    from trivium.model.domain import Domain
    from trivium.model.source import Source
    from trivium.service.application import Application
    from trivium.service.opening import Opened
    from trivium.service.settings import Settings


class Workplace:
    """An application with the settings of this place. `store` is what --store named, `inbox` what --inbox did, `http`
    what --http did."""

    def __init__(self, app: str, store: str | None, *, inbox: str | None = None, http: str | None = None) -> None:
        from trivium.service.application import load_application

        working_for(app)
        self.settings = _settings(store=store, inbox=inbox, http=http)
        self.application: Application = load_application(app)

    @property
    def several(self) -> bool:
        """Whether one DuckDB file would not do."""
        return len(self.application.domains) > 1

    def domains(self, name: str | None = None) -> tuple[Domain, ...]:
        """All domains, or the one of this name."""
        return self.application.domains if name is None else (self.application.domain(name),)

    def source(self, name: str) -> tuple[Domain, Source]:
        """The source of this name and its domain, which is checked first."""
        domain, source = self.application.source(name)
        self.check(domain)
        return domain, source

    def check(self, domain: Domain) -> None:
        """Tries out the SQL of a domain's sources: a mistake shows before a file is read.

        Only where something is taken in: it takes a tenth of a second for each source of the domain.
        """
        from trivium.engine.judge import check_sources

        check_sources(domain)

    def roads(self, domains: Sequence[Domain]) -> list[str]:
        """By which roads these domains are told, and from where, as people may see it."""
        from trivium.engine.masking import masked

        sources = [source for domain in domains for source in domain.sources]
        channels = {source.channel for source in sources}
        brokers = {
            self.settings.brokers.get(one.name, self.settings.broker) for one in sources if one.channel == "events"
        }
        named = sorted(masked(url.get_secret_value()) for url in brokers if url is not None)
        found = {
            "batch": f"files from {masked(self.settings.inbox.get_secret_value())}",
            "rest": f"calls at {self.settings.http}",
            "events": f"events from {', '.join(named) or 'no broker (TRIVIUM_BROKER names one)'}",
        }
        return [told for channel, told in found.items() if channel in channels]

    def exists(self, domain: Domain) -> bool:
        """Whether the domain has a store. Creates nothing."""
        from trivium.service.opening import is_postgres, opened, store_path

        if not is_postgres(self.settings):
            return store_path(domain, self.settings, self.several).exists()
        with opened(domain, self.settings, several=self.several, prepare=False) as found:
            return found.store.control.made()

    def name(self, domain: Domain) -> str:
        """What the domain's store is or would be called."""
        from trivium.service.opening import is_postgres, store_name, store_path

        if is_postgres(self.settings):
            return store_name(domain, self.settings, self.several)
        return str(store_path(domain, self.settings, self.several))

    @contextmanager
    def open(self, domain: Domain, *, create: bool = False) -> Iterator[Opened]:
        """The domain's store, fit for today's declaration. Where there is none it is made only if asked to:
        a mistyped name must not look like an empty store."""
        from trivium.service.opening import opened

        if not create and not self.exists(domain):
            raise StoreUnusable(
                f"there is no store {self.name(domain)} of {domain.name}",
                hint="`trivium load` makes one; or name another with --store or TRIVIUM_STORE",
            )
        with ExitStack() as stack:
            try:
                found = stack.enter_context(opened(domain, self.settings, several=self.several))
            except StoreMismatch as error:
                raise StoreMismatch(error.message, hint=self.way_out()) from error
            yield found

    def way_out(self) -> str:
        """What to do where the store refuses today's declaration, as a command to type."""
        from trivium.service.opening import is_postgres
        from trivium.service.transferring import beside

        app, named = self.application.name, self.settings.store.get_secret_value()
        if is_postgres(self.settings):
            command = f"{again('replay', app)} --from OLD_STORE --store NEW_STORE (a database of its own)"
        else:
            old = named if self.several else named.replace("{domain}", self.application.domains[0].name)
            command = again("replay", app, "--from", old, store=beside(old))
        return f"replay into a new store: {command}"

    def opened(self, name: str | None = None) -> Iterator[Opened]:
        """The stores of all domains, or of the one of this name, one after the other; those that were never made
        are left out, unless there is not one."""
        domains = self.domains(name)
        made = [domain for domain in domains if self.exists(domain)]
        for domain in made or domains:
            with self.open(domain) as found:
                yield found


def _settings(**named: str | None) -> Settings:
    from trivium.service.settings import read_settings

    return read_settings(**{name: value for name, value in named.items() if value is not None})
