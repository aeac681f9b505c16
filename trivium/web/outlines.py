"""Everything that the service does over HTTP, as the outside knows it."""

from __future__ import annotations

from typing import Final

from trivium.web.changes import CHANGES
from trivium.web.deliveries import ACCOUNTS, DELIVERIES
from trivium.web.explained import EXPLAIN
from trivium.web.findings import FINDINGS
from trivium.web.health import ALIVE, METRICS, READY
from trivium.web.instances import INSTANCES
from trivium.web.openapi.serving import OPENAPI, SWAGGER
from trivium.web.operation import Operation, Outline
from trivium.web.pages.docs import DOCS
from trivium.web.pages.home import HOME
from trivium.web.quarantine import QUARANTINE
from trivium.web.receiving import DELETING, SENDING
from trivium.web.record_pages import RECORDS
from trivium.web.records import RECORD
from trivium.web.reports import REPORT
from trivium.web.sources import SOURCES

OPERATIONS: Final[tuple[Operation, ...]] = (
    RECORD, RECORDS, EXPLAIN, CHANGES, REPORT,
    ACCOUNTS, SOURCES, DELIVERIES, QUARANTINE, FINDINGS, INSTANCES,
)  # fmt: skip
"""Everything that is read of a store."""

OUTLINES: Final[tuple[Outline, ...]] = (
    SENDING, DELETING, *OPERATIONS,
    ALIVE, READY, METRICS, OPENAPI, SWAGGER, HOME, DOCS,
)  # fmt: skip
"""Everything there is but what pages are made of."""
