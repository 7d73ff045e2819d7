"""What the figures were measured on, in one line."""

import os
import platform
from importlib.metadata import version
from pathlib import Path


def describe(*libraries: str) -> str:
    """The processor, cores, memory, system, versions of Python and of these libraries, and what else runs now."""
    versions = ", ".join(f"{name} {version(name)}" for name in libraries)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB of memory, {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}, {versions}; "
        f"load average when it began: {os.getloadavg()[0]:.1f} (0 is a machine of one's own)"
    )


def _processor() -> str:
    """The processor's name as Linux gives it, else its architecture."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text(encoding="utf-8").splitlines() if information.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
