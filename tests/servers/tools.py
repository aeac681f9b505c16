"""Programs that tests start, built or installed by the project itself, once, into a cache outside the tree."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.servers import missing

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "trivium" / "servers"


def go_program(module: str, version: str) -> Path:
    """A program written in Go, of exactly this version; built at the first use, which takes minutes."""
    folder = CACHE / f"{module.replace('/', '_')}@{version}"
    program = folder / module.rpartition("/")[2]
    if program.exists():
        return program
    if shutil.which("go") is None:
        missing(f"{module} cannot be built: there is no Go; install Go 1.24 or later")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two sessions build it once
        if not program.exists():
            built = subprocess.run(
                ["go", "install", f"{module}@{version}"], env=os.environ | {"GOBIN": str(folder / "new")},
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            if built.returncode:
                missing(f"{module}@{version} cannot be built: {built.stderr[-400:]}")
            (folder / "new" / program.name).replace(program)
    return program


def debian_program(name: str, package: str) -> Path:
    """A program of Debian. In CI it is installed where it is not there; on a desk that is left to its people."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None and os.environ.get("CI") and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update", "-qq"], ["install", "-y", "-qq", package]):
            subprocess.run(["apt-get", *words], env=os.environ | quiet, capture_output=True, check=False)
        found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        missing(f"there is no {name}; install the package {package}")
    return Path(found)


def free_port() -> int:
    """A port that nobody listens at just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(ready: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Returns as soon as `ready` gives True."""
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until, f"{what}: not within {seconds} s"
        time.sleep(0.02)


def answers(port: int) -> bool:
    """Whether somebody listens at a port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
