"""Ctrl-C and SIGTERM: what runs is unwound, so that it can take back what it wrote."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Final

_STOPPING: Final = (signal.SIGINT, signal.SIGTERM)


class Signals:
    """While it is entered, the first of these signals raises KeyboardInterrupt; `received` is its number.

    The number is kept because an engine that is interrupted raises an error of its own instead.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Signals:
        if threading.current_thread() is threading.main_thread():
            for number in _STOPPING:
                self._before[number] = signal.signal(number, self._stop)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self.received is None:  # a second Ctrl-C must not disturb what takes back
            self.received = number
            raise KeyboardInterrupt
