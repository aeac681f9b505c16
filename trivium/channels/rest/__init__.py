"""The road of calls: requests that bring records, durable when they are answered."""

from __future__ import annotations

from trivium.channels.rest.bodies import FORMS, Body, TooMuch, Unreadable, read_body
from trivium.channels.rest.grouping import Grouping
from trivium.channels.rest.replies import Reply
from trivium.channels.rest.requests import KeyReused, Request, Sent, TooBusy, request_id

__all__ = [
    "FORMS",
    "Body",
    "Grouping",
    "KeyReused",
    "Reply",
    "Request",
    "Sent",
    "TooBusy",
    "TooMuch",
    "Unreadable",
    "read_body",
    "request_id",
]
