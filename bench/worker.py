"""Runs one task and prints what it found as one line of JSON: `python -m bench.worker TASK`, its arguments on stdin."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from typing import Any, Final

from bench.tasks import events, live, ours, peer, peer_files, plain, service

TASKS: Final[dict[str, Callable[..., dict[str, Any]]]] = {
    "ours": ours.load,
    "build": ours.build,
    "look_ups": ours.look_ups,
    "consolidations": ours.consolidations,
    "nights": ours.nights,
    "texts": ours.texts,
    "plain": plain.plain_load,
    "alone": plain.alone,
    "peer": peer.peer_load,
    "arrivals": service.arrivals,
    "notice": service.notice,
    "peer_arrivals": peer_files.peer_arrivals,
    "calls": live.calls,
    "plain_calls": live.plain_calls,
    "upload": live.upload,
    "beside_file": live.beside_file,
    "starts": live.starts,
    "drained": events.drained,
    "peer_drained": events.peer_drained,
    "singles": events.singles,
}


def main(task: str, arguments: str) -> None:
    """Prints the figures of a task, with the greatest memory that the process or one of its children ever had, and the
    CPU time that they took."""
    found = TASKS[task](**json.loads(arguments))
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    found["peak_mb"] = max(one.ru_maxrss for one in used) * 1024 / 1e6
    found["cpu_seconds"] = sum(one.ru_utime + one.ru_stime for one in used)
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.stdin.read())
