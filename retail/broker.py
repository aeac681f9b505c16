"""`python -m retail.broker`: an embedded stand-in for a Kafka cluster, for demonstrations on a machine that has only
Python.

It prints its address, as JSON, when it can be used: {"broker": "kafka://127.0.0.1:PORT"}. It ends with the process that
started it. It is what the makers of the driver test the driver with: every topic has four partitions, each keeps its
last 5 MB, all is in memory and gone with it. It takes some 16,000 messages a second. Nothing is proved by it: the tests
have real brokers.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import time

from confluent_kafka import Producer

_BREATH = 0.5
"""Seconds after which the end of the parent is noticed."""


def main() -> int:
    """Runs until the parent is gone."""
    parser = argparse.ArgumentParser(
        prog="python -m retail.broker",
        description="An embedded stand-in for a Kafka cluster, for demonstrations; all is in memory.",
    )
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help="made at once; others when somebody writes to them")
    topics = parser.parse_args().topics
    parent = os.getppid()
    quiet = logging.getLogger("retail.broker")
    holder = Producer({"test.mock.num.brokers": 1, "log_level": 3}, logger=quiet)  # the cluster lives within it
    for topic in topics:
        holder.list_topics(topic, timeout=10)  # to ask for one makes it
    (broker,) = holder.list_topics(timeout=10).brokers.values()
    print(json.dumps({"broker": f"kafka://{broker.host}:{broker.port}"}), flush=True)
    while os.getppid() == parent:
        time.sleep(_BREATH)
    holder.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
