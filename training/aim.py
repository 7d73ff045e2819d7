"""What is predicted, the target within each process's horizon, and the label every row is expected to get."""

from dataclasses import dataclass

import numpy as np

from features.columns import Codes, Floats
from training.cells import Cells
from training.censoring import Incidence, expected, horizons, spells_of
from training.dataset import Dataset


@dataclass(frozen=True, slots=True)
class Aim:
    """The target within `days[process]`, processes numbered by `processes` ("" for none)."""

    processes: tuple[str, ...]
    days: Floats

    @classmethod
    def of(cls, data: Dataset, within: float | None) -> "Aim":
        """The horizons of a dataset's processes (see `censoring.horizons`)."""
        processes = tuple(sorted({word or "" for word in set(data.process.tolist())}))
        spells, first = spells_of(data.record, data.age, data.days, data.cause)
        group = _group(data, processes)[first]
        return cls(processes, horizons(spells, group, len(processes), within))

    def group(self, data: Dataset) -> Codes:
        """Each row's process, as a position in `processes`."""
        return _group(data, self.processes)

    def horizon(self, data: Dataset) -> Floats:
        """Each row's horizon, in days."""
        return self.days[self.group(data)]


@dataclass(frozen=True, slots=True)
class Outlook:
    """How records of each cell (process, stage, age band) go on, as far as a dataset knows."""

    cells: Cells
    curve: Incidence

    @classmethod
    def of(cls, data: Dataset) -> "Outlook":
        """The outlook on what the dataset knows."""
        cells = Cells.of(data.matrix, data.record)
        return cls(cells, cells.curve(data.matrix, data.days, data.cause))

    def labels(self, data: Dataset, aim: Aim) -> tuple[Floats, Floats]:
        """P(target) and P(lost) by the horizon of each row, given what the dataset knows of it.

        A row still open is shared out by where its record stands now (its latest row in the dataset), not by where it
        stood at the row: what has happened since is known, and without it good records and bad would be blurred.
        """
        latest = _latest(data)
        start = data.days - data.days[latest]
        group = self.cells.locate(data.matrix)[latest]
        return expected(data.days, data.cause, aim.horizon(data), start, group, self.curve)

    def rarer(self, data: Dataset, aim: Aim) -> float:
        """How many records are expected on the rarer side: reaching the target by the horizon, or not."""
        first = spells_of(data.record, data.age, data.days, data.cause)[1]
        reached = float(self.labels(data, aim)[0][first].sum())
        return min(reached, len(first) - reached)


def _latest(data: Dataset) -> Codes:
    """For each row the position of its record's latest row."""
    order = np.lexsort((data.as_of, data.record))
    ends = np.flatnonzero(np.append(np.diff(data.record[order]) != 0, True)) if len(order) else order
    last = np.zeros(len(data.ids), np.int32)
    last[data.record[order[ends]]] = order[ends]
    return last[data.record]


def _group(data: Dataset, processes: tuple[str, ...]) -> Codes:
    table = {word: number for number, word in enumerate(processes)}
    codes = np.array([*(table.get(word, 0) for word in data.process.words), table.get("", 0)], np.int32)
    return codes[data.process.codes]
