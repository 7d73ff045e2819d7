"""An environment of Python packages of its own, made once in the cache folder of the person who runs the benchmark."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def python() -> Path:
    """The Python of the environment, made when it is not there yet. Raises CalledProcessError where it cannot be."""
    pins = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = cache / "plumbline" / f"featuretools-{pins}"
    interpreter, made = home / "bin" / "python", home / "made"
    if not made.exists():
        uv = [sys.executable, "-m", "uv", "--quiet"]
        for command in (
            [*uv, "venv", "--clear", "--python", "3.11", str(home)],
            [*uv, "pip", "install", "--python", str(interpreter), "--requirement", str(REQUIREMENTS)],
        ):
            subprocess.run(command, check=True)
        made.touch()
    return interpreter
