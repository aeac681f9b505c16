"""What fails is tried again, after pauses that grow."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from trivium.errors import StoreError, TriviumError
from trivium.service.supervising import FIRST_PAUSE, LONGEST_PAUSE, Board, Supervisor, Word


def test_pauses_grow_from_the_first_to_the_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, pauses, words = threading.Event(), list[float](), list[Word]()
    supervisor = Supervisor("shop", Board(), stop, words.append)
    monkeypatch.setattr(supervisor, "pause", pauses.append)

    def attempt(well: Callable[[], None]) -> None:
        if len(pauses) == 9:
            well()
            stop.set()
            return
        raise StoreError("it is away")

    supervisor.run("orders", attempt)
    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert (pauses[0], pauses[-1]) == (FIRST_PAUSE, LONGEST_PAUSE)
    assert [word.text for word in words] == ["it is away", "goes on"], "it is told once"


def test_a_pause_is_longer_by_chance_and_ends_when_it_is_stopped() -> None:
    stop, asked = threading.Event(), list[float]()
    supervisor = Supervisor("shop", Board(), stop, lambda word: None)
    stop.wait = asked.append  # type: ignore[method-assign,assignment]
    for _ in range(20):
        supervisor.pause(1)
    assert all(1 <= seconds <= 2 for seconds in asked)
    assert len(set(asked)) > 10


def test_what_is_no_error_of_ours_is_a_defect() -> None:
    def attempt(well: Callable[[], None]) -> None:
        raise KeyError("x")

    error = Supervisor("shop", Board(), threading.Event(), lambda word: None).run("orders", attempt, once=True)
    assert isinstance(error, TriviumError)
    assert (error.message, error.hint) == ("unexpected KeyError: 'x'", "this is a defect of Trivium")
    assert isinstance(error.__cause__, KeyError)
