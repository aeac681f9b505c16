"""What a team declares about one entity, as far as the law needs it."""

from dataclasses import dataclass
from typing import Literal

TypeName = Literal["str", "int", "decimal", "bool", "date", "datetime", "time", "uuid", "float", "json", "list"]
Policy = Literal["latest", "priority", "first"]


@dataclass(frozen=True)
class Column:
    """A key part, an attribute or a facet's member. `scale` counts only for decimals."""

    name: str
    type: TypeName = "str"
    scale: int = 0


@dataclass(frozen=True)
class Group:
    """What wins or loses together: a facet, or one attribute outside any facet.

    A group without a policy of its own follows the entity's. An attribute's one column has its group's name.
    """

    name: str
    columns: tuple[Column, ...]
    policy: Policy | None = None
    required: bool = True
    facet: bool = False

    def column_names(self) -> tuple[str, ...]:
        """The columns' names within the entity: `facet_member` in a facet, else the attribute's own."""
        return tuple(f"{self.name}_{column.name}" if self.facet else column.name for column in self.columns)


@dataclass(frozen=True)
class EntitySpec:
    """A key and its groups, all in declaration order. Life follows `policy`: `latest` or `priority`."""

    name: str
    key: tuple[Column, ...]
    groups: tuple[Group, ...]
    policy: Policy = "latest"
