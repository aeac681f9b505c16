"""Where files arrive: folders of this machine, buckets, servers that speak SFTP."""

from trivium.adapters.inboxes.opening import open_inbox

__all__ = ["open_inbox"]
