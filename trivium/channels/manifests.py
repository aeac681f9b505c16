"""The manifest beside a file: found, read, and what it promises."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from trivium.engine.manifest import MAX_BYTES, manifest_promise
from trivium.engine.promise import Promise, bytes_otherwise, contradicted
from trivium.errors import RefusedDelivery
from trivium.model.files import FileName
from trivium.model.source import Source
from trivium.ports import Delivery


def manifest_beside(source: Source, path: Path) -> str | None:
    """The text of the manifest that lies beside a file; None where none does, or its source declares none.

    Raises RefusedDelivery where it is not readable as text.
    """
    if source.terms.manifest is None:
        return None
    for name in source.terms.manifest.names(path.name):
        beside = path.with_name(name)
        try:
            # Not to wait for whoever writes, where it is a pipe.
            with os.fdopen(os.open(beside, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise _refused(f"the manifest {name} is no file", "put a file there")
                raw = file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise _refused(f"the manifest {name} cannot be read: {error.strerror}", "put it there again") from error
        if len(raw) > MAX_BYTES:
            raise _refused(f"the manifest {name} has more than {MAX_BYTES:,} bytes", "is it the manifest?")
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise _refused(
                f"byte {error.start + 1} of the manifest {name} is not UTF-8", "have it sent as UTF-8"
            ) from error
    return None


def missing(source: Source, path: Path) -> RefusedDelivery:
    """The refusal of a file whose manifest does not lie beside it."""
    assert source.terms.manifest is not None
    called = " or ".join(source.terms.manifest.names(path.name))
    return RefusedDelivery(
        f"the manifest of {path.name} is not there",
        hint=f"send it beside the file, as {called}, before the file is loaded",
        details={"rule": "manifest_missing"},
    )


def promise_of(source: Source, delivery: Delivery, name: FileName) -> Promise | None:
    """What the manifest that came with a delivery promises, by today's declaration; None where none came, or none is
    declared any more.

    Raises RefusedDelivery where it is no manifest of this file, gives another revision than the file's name, or another
    hash or size than the bytes have.
    """
    declared = source.terms.manifest
    if declared is None or delivery.manifest is None:
        if source.terms.gives_cut_off and source.cut_off is None:
            raise _refused(
                f"{delivery.name} of {source.name} came without a manifest, which alone says of when it speaks",
                "send it with its manifest, as a new revision",
            )
        return None
    elsewhere = source.terms.trailer.captures if source.terms.trailer else ()
    file = Path(delivery.file).name
    promise = manifest_promise(delivery.manifest, declared, list(source.terms.totals), elsewhere, "manifest", file)
    if promise.revision is not None and name.revision not in (None, promise.revision):
        raise _refused(
            f"the manifest of {file} gives revision {promise.revision}, its name {name.revision}",
            "have one of them corrected",
        )
    wrong = bytes_otherwise(promise, delivery.digest, delivery.size)
    if wrong:
        raise contradicted(promise, wrong)
    return promise


def _refused(message: str, hint: str) -> RefusedDelivery:
    return RefusedDelivery(message, hint=hint, details={"rule": "manifest"})
