"""The stand-in for a Kafka cluster that demonstrations have: what the service needs of it, it does."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing

import psutil
import pytest

from tests.servers.tools import wait_until
from tests.servers.topics import Topics
from tests.worlds.reader import Reader, numbered
from trivium.ports import Lost, Part

_PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-m", "retail.broker", *sys.argv[1:]], stdout=subprocess.PIPE, text=True)
print(child.pid, child.stdout.readline(), flush=True)
time.sleep(600)
"""


@pytest.mark.slow
def test_a_consumer_reads_from_its_positions_and_it_ends_with_its_parent() -> None:
    words = [sys.executable, "-c", _PARENT, "oms.orders", "wms.inventory"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid, told = parent.stdout.readline().split(" ", 1)
        try:
            url = json.loads(told)["broker"]
            with Topics(url.removeprefix("kafka://")) as topics:
                talk(url, topics)
        finally:
            parent.kill()
    wait_until(lambda: not psutil.pid_exists(int(pid)), "the broker has ended")


def talk(url: str, topics: Topics) -> None:
    topics.send("oms.orders", numbered(10), partition=1)
    topics.send("wms.inventory", numbered(5), key=b"k", headers=[("a", b"1")])
    part = Part("oms.orders", 1)
    with closing(Reader(url, "oms.orders", "wms.inventory", group="g", kept={part: 4})) as reader:
        reader.read(11)
        assert sorted(reader.asked) == [
            Part(topic, partition) for topic in ("oms.orders", "wms.inventory") for partition in range(4)
        ]
        assert [value for where, _, value in reader.seen if where == part] == numbered(6, 4)
        reader.consumer.hint(reader.kept)
        topics.send("oms.orders", [b"x" * 100_000] * 100, partition=1)
        reader.until(lambda: reader.kept.get(part) == 110)
        reader.until(lambda: reader.consumer.trouble is None)
    with closing(Reader(url, "oms.orders", group="g", kept={part: 11})) as again:  # it has kept the last 5 MB only
        again.until(lambda: again.kept.get(part) == 110)
        (lost,) = again.told
        assert isinstance(lost, Lost)
        assert lost.wanted == 11
        assert lost.there == 110 - len(again.seen)
