"""By what a topic is known from another of its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from confluent_kafka import KafkaException, TopicCollection, Uuid
from confluent_kafka.admin import AdminClient, TopicDescription  # type: ignore[attr-defined]  # public, if not marked so

from trivium.adapters.events.session import LOG

_PATIENCE: Final = 1.0
"""Seconds. Without a controller topics cannot be described, but be read very well."""
_NO_ID: Final = str(Uuid(0, 0))
"""Of brokers of before 2.8."""


def identity_of(settings: Mapping[str, str | int | bool], topic: str) -> str | None:
    """See `ports.Broker.identity`."""
    admin: AdminClient = AdminClient({**settings, "client.id": "trivium-identity"}, logger=LOG)
    try:
        about = admin.describe_topics(TopicCollection([topic]), request_timeout=_PATIENCE)[topic]
        return id_of(about.result())
    except KafkaException:
        return None  # what is the matter, who reads it is told
    finally:
        admin.__exit__(None, None, None)


def id_of(about: TopicDescription) -> str | None:
    """The identity of a topic that is described; None where the broker gives none."""
    found = str(about.topic_id)
    return None if found == _NO_ID else found
