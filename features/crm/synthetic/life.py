"""How long records go on: until when they are worked on, when they end, and when their end is written down."""

from dataclasses import dataclass

import numpy as np

from features.columns import MISSING, Floats, Ints
from features.crm.synthetic.frame import Frame
from features.crm.synthetic.records import Records


@dataclass(frozen=True, slots=True)
class Life:
    """How records go on: `quiet` is the working time from which nobody works on them any more (the span's end at most).

    `finish` and `known` (instants) are MISSING when the end is not written down before the world's end.
    """

    quiet: Floats
    finish: Ints
    known: Ints
    cause: Ints


def life_of(frame: Frame, rng: np.random.Generator, records: Records, abandoned: Ints) -> Life:
    """The life of records, given each one's abandoned state."""
    paths, law = records.paths, frame.law
    gone = np.full(len(records.created), np.inf)
    left = paths.state == abandoned[paths.record]
    gone[paths.record[left]] = paths.start[left]
    late = (rng.random(len(gone)) < law.late / 2) & (records.kind == "opportunity")
    known = frame.clock.instants(paths.finish + np.where(late, rng.exponential(law.late_days, len(gone)), 0))
    seen = (known != MISSING) & (known < frame.until)
    quiet = np.minimum(np.minimum(gone, paths.finish), frame.work_until)
    finish = frame.clock.instants(paths.finish)
    return Life(quiet, np.where(seen, finish, MISSING), np.where(seen, known, MISSING), np.where(seen, paths.cause, -1))
