"""What long work shows: a progress bar on a terminal, plain lines elsewhere; always on standard error."""

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn


class Steps:
    """Steps of one command, named as they begin or counted as they go.

    >>> with Steps() as steps:  # not a terminal: one line a step, on standard error
    ...     steps.count("scoring", 10, 10, "records")
    """

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._live = console.is_terminal
        self._console = console
        self._bar = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            console=console, transient=True,
        )  # fmt: skip
        self._tasks: dict[str, TaskID] = {}
        self._said: set[str] = set()

    def __enter__(self) -> Self:
        if self._live:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._bar.stop()

    def step(self, name: str) -> None:
        """A step begins."""
        self._show(name, None, None, name)

    def count(self, name: str, done: int, total: int, of: str = "") -> None:
        """So much of a step is done; `of` says what is counted, else the total means nothing to a reader."""
        self._show(name, done, total, f"{name} {total:,} {of}" if of else name)

    def _show(self, name: str, done: int | None, total: int | None, line: str) -> None:
        if not self._live:
            if name not in self._said:
                self._said.add(name)
                sys.stderr.write(f"{line}\n")
            return
        if name not in self._tasks:
            for task in self._tasks.values():
                self._bar.stop_task(task)
                self._bar.update(task, visible=False)
            self._tasks[name] = self._bar.add_task(name, total=total)
        self._bar.update(self._tasks[name], completed=done or 0, total=total)
