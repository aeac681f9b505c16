"""Trivium: one master record per business key, whatever road the data took."""

from trivium.errors import DeclarationError, TriviumError
from trivium.model.calendar import Expected
from trivium.model.domain import Domain, View
from trivium.model.entity import Entity, Facet, Field, Key, Rule
from trivium.model.formats import Csv, Excel, FixedWidth, JsonFile, Parquet
from trivium.model.source import Batch, Events, Into, Rest, Source
from trivium.model.terms import Manifest
from trivium.model.types import Json

__all__ = [
    "Batch",
    "Csv",
    "DeclarationError",
    "Domain",
    "Entity",
    "Events",
    "Excel",
    "Expected",
    "Facet",
    "Field",
    "FixedWidth",
    "Into",
    "Json",
    "JsonFile",
    "Key",
    "Manifest",
    "Parquet",
    "Rest",
    "Rule",
    "Source",
    "TriviumError",
    "View",
]
