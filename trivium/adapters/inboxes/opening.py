"""The inbox that an address names."""

from __future__ import annotations

from pathlib import Path

from trivium.engine.masking import masked
from trivium.errors import UsageError
from trivium.ports import Inbox


def open_inbox(root: str, folder: str) -> Inbox:
    """The folder below `root`, which is a path of this machine, a bucket (s3://, gs://) or sftp://.

    Nothing is reached for before it is asked: a server that is away is the state of an inbox, not an error here.
    """
    url = f"{root.rstrip('/')}/{folder}" if folder else root
    if url.startswith("s3://"):
        from trivium.adapters.inboxes.objects import ObjectInbox  # only those who use it wait for its library

        return ObjectInbox(url)
    if url.startswith("gs://"):
        from trivium.adapters.inboxes.gcs import GcsInbox

        return GcsInbox(url)
    if url.startswith("sftp://"):
        from trivium.adapters.inboxes.sftp import SftpInbox

        return SftpInbox(url)
    if "://" in url and not url.startswith("file://"):
        raise UsageError(
            f"{masked(url)} is no kind of inbox", hint="a folder, s3://bucket/…, gs://bucket/…, sftp://host/…"
        )
    from trivium.adapters.inboxes.local import LocalInbox

    return LocalInbox(Path(url.removeprefix("file://")))
