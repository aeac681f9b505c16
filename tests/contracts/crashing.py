"""A process that is killed in the middle of a load: `python -m tests.contracts.crashing PLACE`, a pickle in hex."""

from __future__ import annotations

import os
import pickle
import signal
import sys

from tests.stores import Place
from tests.worlds.lab import Lab, nameless, put
from tests.worlds.rows import Rejected
from tests.worlds.shop import shop
from trivium.errors import StoreError
from trivium.ports import Account


def crash(place: Place) -> None:
    """One load has published, one and a bundle are being written, one has written its rows but has no commit."""
    lab = Lab(place, shop())
    lab.send([put(("b",), 1, status="on")], "before")
    writing = lab.load([put(("a",), 1, status="on"), Rejected(("a",))])
    failed = lab.load([put(("a",), 2, status="on"), Rejected()])
    bundle = lab.store.history.open_bundle("events", 1)
    bundle.append(lab.verdict([put(("a",), 3, status="on"), Rejected()]))
    try:
        failed.publish(nameless(), Account(2, 1, 1, 0))
    except StoreError:
        print(writing.load_no, failed.load_no, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    crash(pickle.loads(bytes.fromhex(sys.argv[1])))  # noqa: S301 - from the test that started it
