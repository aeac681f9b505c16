"""Runs one task and prints what it found as one line of JSON: `python -m bench.worker TASK`, its arguments on stdin."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from typing import Any, Final

from bench.tasks import ours, peer, plain

TASKS: Final[dict[str, Callable[..., dict[str, Any]]]] = {
    "ours": ours.load,
    "build": ours.build,
    "look_ups": ours.look_ups,
    "consolidations": ours.consolidations,
    "nights": ours.nights,
    "plain": plain.plain_load,
    "peer": peer.peer_load,
}


def main(task: str, arguments: str) -> None:
    """Prints the figures of a task, with the greatest memory the process ever had and the CPU time it took."""
    found = TASKS[task](**json.loads(arguments))
    used = resource.getrusage(resource.RUSAGE_SELF)
    found["peak_mb"] = used.ru_maxrss * 1024 / 1e6
    found["cpu_seconds"] = used.ru_utime + used.ru_stime
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.stdin.read())
