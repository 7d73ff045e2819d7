"""Timing and memory: each contender in a process of its own, each figure over several runs of one command.

A contender is a module that ends in `contend(main)`: `main` gets its arguments as JSON from the command line and its
answer goes out as JSON on the last line.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

_Made = TypeVar("_Made")
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of each run on the clock, and of processor time over all threads where that was measured.

    >>> str(Timing((2.0, 1.0, 4.0))), str(Timing((0.0002,))), Timing((2.0,), (3.0,)).busy
    ('2.00 s (1.00 to 4.00)', '0.200 ms', 3.0)
    """

    seconds: tuple[float, ...]
    processor: tuple[float, ...] = ()

    @classmethod
    def of(cls, runs: Sequence[Sequence[float]]) -> "Timing":
        """From (seconds, processor seconds) of each run."""
        return cls(tuple(run[0] for run in runs), tuple(run[1] for run in runs))

    @property
    def median(self) -> float:
        """The middle run."""
        return statistics.median(self.seconds)

    @property
    def busy(self) -> float:
        """Processor seconds of the middle run: what other work on the machine disturbs least."""
        return statistics.median(self.processor)

    def __str__(self) -> str:
        unit, scale, digits = ("s", 1.0, 2) if self.median >= 0.1 else ("ms", 1e3, 3)
        low, middle, high = (
            f"{value * scale:.{digits}f}" for value in (min(self.seconds), self.median, max(self.seconds))
        )
        return f"{middle} {unit}" + (f" ({low} to {high})" if len(self.seconds) > 1 else "")


def timed(work: Callable[[], _Made]) -> tuple[tuple[float, float], _Made]:
    """Seconds on the clock and of processor time that `work` took, and what it made."""
    began, busy = time.perf_counter(), time.process_time()
    made = work()
    return (time.perf_counter() - began, time.process_time() - busy), made


def peak_bytes() -> int:
    """The most memory this process has had resident since it began, or since `forget_peak`; 0 where nobody tells."""
    return _status("VmHWM")


def resident_bytes() -> int:
    """The memory this process has resident now; 0 where nobody tells."""
    return _status("VmRSS")


def forget_peak() -> None:
    """Let `peak_bytes` count from now on (Linux)."""
    control = Path("/proc/self/clear_refs")
    if control.exists():
        control.write_text("5", encoding="utf-8")


def _status(name: str) -> int:
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:")), 0)


def run(module: str, arguments: Mapping[str, object], python: Sequence[str] = (sys.executable, "-m")) -> dict[str, Any]:
    """What a contender answers, run in a process of its own from the repository's root. Raises on its failure."""
    command = [*python, module, json.dumps(arguments)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def contend(work: Callable[..., dict[str, Any]]) -> None:
    """Run `work` on the arguments of the command line and answer."""
    answer = work(**json.loads(sys.argv[1]))
    sys.stdout.write(json.dumps(answer) + "\n")
