"""How much comes in, as time goes by: what a person sees move."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from trivium.ops.metrics import Metrics

EVERY: Final = 2.0
"""Seconds between two looks."""
KEPT: Final = 300
"""Looks: ten minutes."""
_OVER: Final = 5
"""Looks over which a rate is taken."""

Where = tuple[str, str]
"""A domain and a source of it."""


class Pulse:
    """Looks at the metrics from time to time, in a thread of its own from `start` to `stop`."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._looks: deque[tuple[float, Mapping[Where, int]]] = deque(maxlen=KEPT)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="pulse", daemon=True)

    def start(self) -> None:
        """Begins to look."""
        self._thread.start()

    def stop(self) -> None:
        """Looks no more. Idempotent."""
        self._over.set()

    def rates(self) -> dict[Where, float]:
        """Records a second of each source, over the last ten seconds."""
        looks = list(self._looks)[-_OVER - 1 :]
        if len(looks) < 2:
            return {}
        (begun, before), (ended, now) = looks[0], looks[-1]
        return {where: (count - before.get(where, 0)) / (ended - begun) for where, count in now.items()}

    def series(self) -> tuple[list[float], dict[Where, list[float]]]:
        """When it looked (seconds since 1970), and the records a second of each source since the look before."""
        looks = list(self._looks)
        names = dict.fromkeys(where for _, counts in looks for where in counts)
        times = [at for at, _ in looks[1:]]
        found = {
            where: [
                round((now.get(where, 0) - before.get(where, 0)) / max(at - since, 0.001), 1)
                for (since, before), (at, now) in pairwise(looks)
            ]
            for where in names
        }
        return times, found

    def _look(self) -> None:
        while True:
            counts = {where: count for where, (count, _) in self._metrics.received().items()}
            self._looks.append((time.time(), counts))
            if self._over.wait(EVERY):
                return
