"""The service as callers from outside see it: HTTP at an address, tried again while that is not to be had."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Final

from trivium.errors import UsageError
from trivium.ops.pulse import Pulse
from trivium.service.overview import Overview
from trivium.service.running import Service
from trivium.service.supervising import Board, Supervisor, Word
from trivium.service.tending import Tending
from trivium.service.watching import readiness
from trivium.web.application import Application
from trivium.web.pages.home import page_routes
from trivium.web.places import Place
from trivium.web.problems import Failed
from trivium.web.serving import Serving

_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


class WebFace:
    """See `service.running.Face`. `host` and `port`: where it answers. `to_anybody`: nobody is asked for a key,
    which is refused but on this machine. `told` hears where it answers, or why it does not (yet); `failed`, of
    defects."""

    def __init__(
        self,
        service: Service,
        host: str,
        port: int,
        *,
        to_anybody: bool,
        told: Callable[[Word], None],
        failed: Failed,
    ) -> None:
        places = [_place(service, one) for one in service.tendings]
        if to_anybody and host not in _LOOPBACK:
            raise UsageError(
                f"TRIVIUM_ACCESS is open, and {host} can be reached from elsewhere",
                hint="answer at 127.0.0.1, or let only those in who have a key: TRIVIUM_ACCESS=keys",
            )
        self._pulse = Pulse(service.metrics)
        application = Application(
            places, failed=failed, readiness=partial(readiness, service), metrics=service.metrics,
            folder=service.folder, to_anybody=to_anybody,
            pages=partial(page_routes, Overview(service, self._pulse), self._pulse),
        )  # fmt: skip
        self._serving = Serving(application, host, port)
        self._told = told
        self._over = threading.Event()
        self._starting = threading.Thread(target=self._start, name="http start", daemon=True)

    @property
    def url(self) -> str:
        """Where it answers; empty while it does not."""
        return self._serving.url

    def start(self) -> None:
        """Returns at once; it answers as soon as the address is to be had."""
        self._pulse.start()
        self._starting.start()

    def stop(self, seconds: float) -> None:
        """See `Face`."""
        self._over.set()
        self._pulse.stop()
        if self._starting.ident is not None:
            self._starting.join()
        self._serving.stop(seconds)

    def _start(self) -> None:
        Supervisor("http", Board(), self._over, self._told).run("server", self._attempt)

    def _attempt(self, _: Callable[[], None]) -> None:
        self._serving.start()
        self._told(Word("http", "server", f"answers at {self._serving.url}"))


def _place(service: Service, tending: Tending) -> Place:
    name = tending.domain.name
    return Place(
        tending.domain,
        lambda: tending.opened,
        lambda: tending.calls,
        lambda: tending.keys,
        lambda: [standing for standing in service.standings() if standing.domain == name],
        lambda: {stream.source.name: stream.lag() for stream in tending.streams},
    )
