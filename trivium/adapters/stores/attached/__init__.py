"""A store that a running service holds, used by another process of the same machine through the service.

A DuckDB file belongs to one process. While the service has it, commands speak to the service instead.
"""

from trivium.adapters.stores.attached.client import attached
from trivium.adapters.stores.attached.server import Serving

__all__ = ["Serving", "attached"]
