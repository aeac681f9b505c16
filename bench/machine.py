"""What the figures were taken on."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import psutil

_PACKAGES: Final = ("trivium", "duckdb", "pyarrow", "dlt")


def machine() -> dict[str, str]:
    """Facts about the machine and the versions of what ran, by name."""
    facts = {
        "processor": f"{_processor()}, {psutil.cpu_count()} cores",
        "memory": f"{psutil.virtual_memory().total / 1e9:.0f} GB",
        "kernel": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
    }
    return facts | {name: _version(name) for name in _PACKAGES}


def load() -> float:
    """How many processes wanted a core in the last minute."""
    return os.getloadavg()[0]


def busy() -> bool:
    """Whether others want so much of the machine that figures mean little."""
    return load() > (psutil.cpu_count() or 1) / 2


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
