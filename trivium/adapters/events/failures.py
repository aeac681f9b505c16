"""What Kafka complains of, as errors of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from confluent_kafka import KafkaError, KafkaException

from trivium.errors import BrokerError

_MEND: Final = "trying again does not help: "
_HINTS: Final = {
    KafkaError._AUTHENTICATION: f"{_MEND}correct the user, the password or the mechanism in the address",
    KafkaError.SASL_AUTHENTICATION_FAILED: f"{_MEND}correct the user, the password or the mechanism in the address",
    KafkaError._SSL: f"{_MEND}name the authority of its certificate by ca=FILE, or correct security=…",
    KafkaError.UNKNOWN_TOPIC_OR_PART: "make the topic; it is read as soon as it is there",
    KafkaError._UNKNOWN_TOPIC: "make the topic; it is read as soon as it is there",
    KafkaError.TOPIC_EXCEPTION: f"{_MEND}correct the name of the topic",
    KafkaError.TOPIC_AUTHORIZATION_FAILED: f"{_MEND}let the user describe and read the topic",
    KafkaError.GROUP_AUTHORIZATION_FAILED: f"{_MEND}let the user read the group",
    KafkaError.CLUSTER_AUTHORIZATION_FAILED: f"{_MEND}let the user into the cluster",
    KafkaError._FATAL: "another process may have taken its place: let only one run under a name",
    KafkaError.FENCED_INSTANCE_ID: "another process has taken its place: let only one run under a name",
    KafkaError.INCONSISTENT_GROUP_PROTOCOL: "another kind of consumer has this group: give the group another name",
    KafkaError._BAD_MSG: "the broker's copy of a message is damaged: move behind it, or mend the broker",
    KafkaError._BAD_COMPRESSION: "messages are damaged, or packed in a way that is not known here",
}
_WAIT: Final = (
    "it goes on by itself when the broker is there; look whether it runs, can be reached from here, and speaks what "
    "the address says by security=…"
)
_FLEETING: Final = re.compile(r" \(after \d+ms in state \w+\)|:? ?\d+ identical error\(s\) suppressed|Local: ")

_TELLING: Final = (KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED, KafkaError._SSL)
GROUP: Final = (KafkaError.GROUP_AUTHORIZATION_FAILED, KafkaError.INCONSISTENT_GROUP_PROTOCOL)
"""What keeps a consumer out of its group though the cluster is well."""
DAMAGED: Final = (KafkaError._BAD_MSG, KafkaError._BAD_COMPRESSION)
"""What keeps a partition from being read on."""


def broker_error(where: str, error: KafkaError) -> BrokerError:
    """`where`: what is not to be had. The same failure has the same message each time."""
    return BrokerError(f"{where}: {_FLEETING.sub('', error.str())}", hint=_HINTS.get(error.code(), _WAIT))


def more_telling(old: KafkaError | None, new: KafkaError) -> KafkaError:
    """Which of two errors of connections says why: that all brokers are away says least, that one does not let us in
    says most."""
    if old is None or new.code() in _TELLING:
        return new
    return old if old.code() in _TELLING or new.code() == KafkaError._ALL_BROKERS_DOWN else new


@contextmanager
def translated(where: str) -> Iterator[None]:
    """What the driver raises, as an error of ours."""
    try:
        yield
    except KafkaException as failure:
        raise broker_error(where, failure.args[0]) from failure
