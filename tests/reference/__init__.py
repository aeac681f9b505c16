"""The law as a pure fold: the record of every key, as a function of a set of statements and assertions.

It is the yardstick for every store, so it shares no code with the package it measures, does no I/O, and
prefers the plain loop to the fast one. docs/law.md says the same in tables, and a test runs those tables
against it.
"""

from tests.reference.digest import canonical_content, digest
from tests.reference.export import export
from tests.reference.fold import fold
from tests.reference.live import live_loads
from tests.reference.record import Origin, Record
from tests.reference.spec import Column, EntitySpec, Group, Policy, TypeName
from tests.reference.stamp import stamp
from tests.reference.values import Key, Value
from tests.reference.world import Assertion, Load, Reading, RejectedRow, Source, Statement, World

__all__ = [
    "Assertion",
    "Column",
    "EntitySpec",
    "Group",
    "Key",
    "Load",
    "Origin",
    "Policy",
    "Reading",
    "Record",
    "RejectedRow",
    "Source",
    "Statement",
    "TypeName",
    "Value",
    "World",
    "canonical_content",
    "digest",
    "export",
    "fold",
    "live_loads",
    "stamp",
]
