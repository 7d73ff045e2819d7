"""A throw-away process that reads a model's files from its standard input, loads them and scores the golden rows.

A LightGBM text that its parser cannot take does not raise: it ends the process, or never returns. So the first load of
a version happens in a child with a time limit. Run as `python -m models.trial`; ends with 0 when the model may be used.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from models.canonical import from_bytes, to_bytes
from models.golden import FILE, differences
from models.model import Model

_PACKAGES = Path(__file__).resolve().parent.parent


def complaint(files: Mapping[str, bytes], seconds: float) -> str:
    """What goes wrong when a child process loads these verified files within `seconds`; "" when nothing does."""
    sizes = to_bytes({name: len(content) for name, content in files.items()})
    try:
        child = subprocess.run(
            [sys.executable, "-P", "-m", "models.trial"],
            input=sizes + b"".join(files[name] for name in sorted(files)),
            capture_output=True,
            timeout=seconds,
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(_PACKAGES), *filter(None, sys.path)])},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"a trial load did not end within {seconds:g} s"
    if child.returncode == 0:
        return ""
    last = child.stderr.decode(errors="replace").strip().rpartition("\n")[2]
    return (
        f"a trial load ended with code {child.returncode}: {last}"
        if last
        else f"a trial load ended with {child.returncode}"
    )


def receive(stream: BinaryIO) -> dict[str, bytes]:
    """The files that `complaint` sent: a line of sizes by name, then the contents in the order of the names."""
    sizes = from_bytes(stream.readline())
    return {name: stream.read(size) for name, size in sizes.items()}


def main() -> int:
    """Load and score; a message on the standard error when the golden rows differ."""
    files = receive(sys.stdin.buffer)
    differing = differences(Model.from_files(files), files[FILE])
    if differing:
        sys.stderr.write(f"golden rows differ in {', '.join(differing)}\n")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
