"""API keys: who may send to which sources, and read which entities. Pure, but for the chance in a new one."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import re
import secrets
from dataclasses import asdict, dataclass
from typing import Final

ALL: Final = "*"
"""In the place of names: every one there is, also those to come."""
PREFIX: Final = "trv_"
"""So begins every key as it is given away."""
_TOKEN: Final = re.compile(PREFIX + r"([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Grants:
    """What a key may. `send`: sources, `read`: entities and views, by name. `sensitive`: it is shown the attributes
    that are declared so. `operate`: it is shown accounts, deliveries, quarantine, findings."""

    send: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    sensitive: bool = False
    operate: bool = False

    def may_send(self, source: str) -> bool:
        """Whether it may send to a source."""
        return ALL in self.send or source in self.send

    def may_read(self, name: str) -> bool:
        """Whether it may read an entity or a view."""
        return ALL in self.read or name in self.read

    def text(self) -> str:
        """As a store keeps them."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str) -> Grants:
        """What `text` wrote."""
        kept = json.loads(text)
        return cls(tuple(kept["send"]), tuple(kept["read"]), kept["sensitive"], kept["operate"])


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as a store keeps it: what it opens, and the SHA-256 of its secret. That is 32 bytes of chance, so that
    nothing slower than SHA-256 is needed to keep it from being guessed."""

    key_id: str
    name: str
    hash: str
    grants: Grants
    made_at: dt.datetime
    made_by: str | None
    revoked_at: dt.datetime | None = None
    revoked_by: str | None = None

    def opens(self, secret: str) -> bool:
        """Whether it is the key of this secret, and was not revoked."""
        return self.revoked_at is None and hmac.compare_digest(self.hash, hash_of(secret))


def new_token() -> tuple[str, str, str]:
    """A new key as it is given away, its id, and the hash of its secret."""
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    return f"{PREFIX}{key_id}_{secret}", key_id, hash_of(secret)


def parse_token(text: str) -> tuple[str, str] | None:
    """The id and the secret of a key as it was given away; None where it is none."""
    found = _TOKEN.fullmatch(text)
    return None if found is None else (found[1], found[2])


def hash_of(secret: str) -> str:
    """The SHA-256 of a secret, in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()
