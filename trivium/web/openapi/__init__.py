"""The OpenAPI documents: what the service takes and gives, told from the declarations and the operations."""

from trivium.web.openapi.document import Version, document

__all__ = ["Version", "document"]
