"""The digest: a statement's content as one integer below 2^63, so that ties end alike everywhere."""

from hashlib import md5

from tests.reference.spec import EntitySpec
from tests.reference.values import canonical_text
from tests.reference.world import Statement

COLUMN_END = "\x1f"


def canonical_content(statement: Statement, spec: EntitySpec) -> bytes:
    """What the digest is taken of: each group stated, groups and columns by name. Empty for a delete."""
    text = ""
    for group in sorted(spec.groups, key=lambda group: group.name):
        if statement.states(group.name):
            text += f"{group.name}="
            pairs = zip(group.columns, statement.values(group.name), strict=True)
            for column, value in sorted(pairs, key=lambda pair: pair[0].name):
                text += canonical_text(value, column) + COLUMN_END
    return text.encode()


def digest(statement: Statement, spec: EntitySpec) -> int:
    """The first 8 bytes of the content's MD5, little endian, without their lowest bit."""
    head = md5(canonical_content(statement, spec), usedforsecurity=False).digest()[:8]
    return int.from_bytes(head, "little") >> 1
