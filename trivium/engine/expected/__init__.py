"""What was expected of a source and what came: overdue, missing, early and unexpected files. Pure."""

from trivium.engine.expected.days import Next
from trivium.engine.expected.outlook import KINDS, Absence, Kind, Outlook, outlook

__all__ = ["KINDS", "Absence", "Kind", "Next", "Outlook", "outlook"]
