"""What the address of a Kafka cluster says. Pure, but that it looks whether the files are there that it names."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from trivium.engine.masking import masked
from trivium.errors import UsageError

_PORT: Final = 9092
_HOST: Final = re.compile(r"(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:(?P<port>\d{1,5}))?")
_FILES: Final = {"ca": "ssl.ca.location", "cert": "ssl.certificate.location", "key": "ssl.key.location"}
_SECURITY: Final = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
_MECHANISMS: Final = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_EXAMPLE: Final = "such as kafka://user:password@host:9092,host2:9092?security=SASL_SSL&mechanism=SCRAM-SHA-512"


@dataclass(frozen=True, slots=True)
class Address:
    """`url` for people, without a password; `settings` for the driver, with it."""

    url: str
    settings: Mapping[str, str]


def address_of(url: str) -> Address:
    """`kafka://[user:password@]host[:port],…[?security=…&mechanism=…&ca=FILE&cert=FILE&key=FILE]`.

    With a user it is SASL_SSL and SCRAM-SHA-512 unless it says otherwise. User and password are percent-encoded where
    they hold one of `:/?#@%`. Raises UsageError for whatever else is wrong.
    """
    shown = masked(url)
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise UsageError(f"{shown} is no address: {error}", hint=_EXAMPLE) from error
    user, at, hosts = parts.netloc.rpartition("@")
    if parts.path.strip("/") or parts.fragment:
        raise UsageError(f"{shown} names more than a cluster", hint="topics are declared by the sources; " + _EXAMPLE)
    settings = {"bootstrap.servers": ",".join(_server(host, shown) for host in hosts.split(","))}
    query = _query(parts.query, shown)
    security = query.pop("security", "SASL_SSL" if at else "PLAINTEXT").upper()
    if security not in _SECURITY:
        raise UsageError(f"{shown}: security is {security}", hint=f"one of {', '.join(_SECURITY)}")
    settings["security.protocol"] = security
    mechanism = query.pop("mechanism", None)
    if security.startswith("SASL"):
        name, colon, password = user.partition(":")
        if not name or not colon:
            raise UsageError(f"{shown}: {security} needs a user and a password", hint=_EXAMPLE)
        settings["sasl.mechanism"] = (mechanism or "SCRAM-SHA-512").upper()
        settings["sasl.username"], settings["sasl.password"] = unquote(name), unquote(password)
        if settings["sasl.mechanism"] not in _MECHANISMS:
            raise UsageError(f"{shown}: the mechanism is {mechanism}", hint=f"one of {', '.join(_MECHANISMS)}")
    elif at or mechanism:
        raise UsageError(f"{shown}: {security} knows no user", hint="leave it out, or say security=SASL_SSL")
    if query and not security.endswith("SSL"):
        raise UsageError(f"{shown}: {security} has no use for {', '.join(query)}", hint="security=SSL or SASL_SSL")
    for name, path in query.items():
        if not Path(path).is_file() or not os.access(path, os.R_OK):
            raise UsageError(f"{shown}: {name} is no file that can be read: {path}", hint="a PEM file of this machine")
        settings[_FILES[name]] = path
    if ("cert" in query) != ("key" in query):
        raise UsageError(f"{shown}: cert and key go together", hint="name both, or none")
    return Address(shown, settings)


def _server(text: str, shown: str) -> str:
    found = _HOST.fullmatch(text)
    port = int((found and found["port"]) or _PORT)
    if found is None or not 0 < port < 65536:
        raise UsageError(f"{shown}: {text or 'nothing'} is no host", hint=_EXAMPLE)
    return f"{found['host']}:{port}"


def _query(text: str, shown: str) -> dict[str, str]:
    known = ("security", "mechanism", *_FILES)
    found: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name not in known:
            raise UsageError(f"{shown}: {name} is no setting of it", hint=f"there are {', '.join(known)}")
        if name in found or not value:
            raise UsageError(f"{shown}: {name} is {'there twice' if value else 'empty'}", hint="give it once")
        found[name] = value
    return found
