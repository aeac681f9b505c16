"""Trivium: one master record per business key, whatever road the data took."""

from trivium.errors import DeclarationError, TriviumError
from trivium.model.calendar import Expected
from trivium.model.domain import Domain, View
from trivium.model.entity import Entity, Facet, Field, Key, Rule
from trivium.model.reconcile import Reconcile
from trivium.model.source import Batch, Events, Into, Rest, Source
from trivium.model.terms import Manifest
from trivium.model.types import Json

__all__ = [
    "Batch",
    "DeclarationError",
    "Domain",
    "Entity",
    "Events",
    "Expected",
    "Facet",
    "Field",
    "Into",
    "Json",
    "Key",
    "Manifest",
    "Reconcile",
    "Rest",
    "Rule",
    "Source",
    "TriviumError",
    "View",
]
