"""Parts of the service, each supervised by itself: what fails is told once, tried again after growing pauses, and told
when it is well."""

from __future__ import annotations

import datetime as dt
import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from trivium.errors import StoreBusy, TriviumError, as_told

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 30.0

Attempt: TypeAlias = Callable[[Callable[[], None]], None]

State = Literal["starting", "running", "standing by", "failing", "off"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a part stands, and since when; `why` where it does not run. `attempts`: how often it failed in a row."""

    domain: str
    part: str
    state: State
    since: dt.datetime
    why: str | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Word:
    """What a part of the service has to say: `error`, or that all is well (again)."""

    domain: str
    part: str
    text: str
    error: TriviumError | None = None


class Board:
    """Where every part stands. Any thread may ask or tell."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parts: dict[tuple[str, str], Standing] = {}

    def tell(self, domain: str, part: str, state: State, why: str | None = None) -> None:
        """A part stands otherwise now, or still so."""
        with self._lock:
            before = self._parts.get((domain, part))
            same = before is not None and before.state == state
            attempts = (before.attempts + 1 if before is not None else 1) if state == "failing" else 0
            since = before.since if before is not None and same else dt.datetime.now(dt.UTC)
            self._parts[domain, part] = Standing(domain, part, state, since, why, attempts)

    def all(self) -> list[Standing]:
        """Every part, by domain and name."""
        with self._lock:
            return [self._parts[key] for key in sorted(self._parts)]


class Supervisor:
    """Supervises the parts of one domain until `stop` is set. `say` hears what changes."""

    def __init__(self, domain: str, board: Board, stop: threading.Event, say: Callable[[Word], None]) -> None:
        self._domain, self._board, self._stop, self._say = domain, board, stop, say

    def run(self, part: str, attempt: Attempt, *, once: bool = False) -> TriviumError | None:
        """Runs `attempt` until it returns by itself, however often it fails; `once`: a single time, and the error is
        returned. It is given what it calls whenever all is well."""
        pause, ailing = FIRST_PAUSE, ""
        self._board.tell(self._domain, part, "starting")

        def well() -> None:
            nonlocal ailing
            self._board.tell(self._domain, part, "running")
            if ailing:
                ailing = ""
                self._say(Word(self._domain, part, "goes on"))

        while not self._stop.is_set():
            begun = time.monotonic()
            try:
                attempt(well)
                return None
            except Exception as failure:  # noqa: BLE001 - the other parts go on, whatever it is
                error = as_told(failure)
                if once:
                    return error
                self._board.tell(self._domain, part, "failing", error.message)
                if error.message != ailing:
                    self._say(Word(self._domain, part, error.message, error))
                    ailing = error.message
            if time.monotonic() - begun > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            self.pause(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        return None

    def stand_by(self, part: str, error: StoreBusy, what: str) -> None:
        """Another process does what the part is for."""
        self._board.tell(self._domain, part, "standing by", what)
        self._say(Word(self._domain, part, f"standing by: {what}", error))

    def pause(self, seconds: float) -> None:
        """Waits at least so long, unless it is stopped: not all who wait for the same come back at the same moment."""
        self._stop.wait(seconds * (1 + random.random()))  # noqa: S311 - spreads attempts, keeps no secret


def off_words(parts: Iterable[Mapping[str, Any]]) -> str:
    """Which of these parts are off, and why, to follow `all parts run but`: nothing is set up for them. Empty where
    none is."""
    off = [part for part in parts if part["state"] == "off"]
    if not off:
        return ""
    names, whys = [str(part["part"]) for part in off], dict.fromkeys(str(part["why"]) for part in off if part["why"])
    listed = ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else names[0]
    return f"{listed}, which {'are' if len(names) > 1 else 'is'} off{': ' if whys else ''}{'; '.join(whys)}"
