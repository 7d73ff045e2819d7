"""What people do about a record: how much depends on its state and latent quality, never on how it will end."""

from dataclasses import dataclass

import numpy as np

from features.columns import MISSING, Floats, Ints
from features.crm.schema import KINDS
from features.crm.synthetic.frame import Frame
from features.crm.synthetic.law import Activity
from features.crm.synthetic.life import Life
from features.crm.synthetic.records import Leads, Records

OUTCOMES = ("sent", "opened", "clicked", "bounced", "replied", "answered", "missed", "held", "cancelled")
_SENT, _OPENED, _CLICKED, _BOUNCED, _REPLIED, _ANSWERED, _MISSED, _HELD, _CANCELLED = range(len(OUTCOMES))
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Activities:
    """Activities of some records; instants in microseconds and `duration` in seconds, MISSING where empty."""

    record: Ints
    kind: Ints
    direction: Ints
    occurred: Ints
    recorded: Ints
    due: Ints
    done: Ints
    duration: Ints
    outcome: Ints

    @classmethod
    def together(cls, parts: "list[Activities]") -> "Activities":
        """All of them, by record then by the instant they were written down."""
        names = cls.__slots__
        columns = [np.concatenate([getattr(part, name) for part in parts]) for name in names]
        order = np.lexsort((columns[4], columns[0]))
        return cls(*(column[order] for column in columns))


def draw_activities(frame: Frame, rng: np.random.Generator, records: Records, stages: Ints, life: Life) -> Activities:
    """The activities of records written down before the world's end; `stages` counts those of each one's walk."""
    paths = records.paths
    begin, leave = paths.start, np.minimum(paths.leave(), frame.work_until)
    count = stages[paths.record]
    resting = paths.state >= count
    rows = (paths.state <= 2 * count) & (leave > begin)
    at = np.where(resting & (paths.state < 2 * count), paths.state - count, paths.state)
    parts = [_before_creation(frame, rng, records)] if isinstance(records, Leads) else []
    for law in frame.law.activities:
        if records.kind == "lead" and not law.leads:
            continue
        ease = np.where(resting, law.stalled * np.where(paths.state == 2 * count, 0.3, 1), 1) * (at >= law.from_stage)
        rate = law.rate * ease * np.exp(law.quality * records.quality[paths.record])
        number = rng.poisson(np.where(rows, rate * np.maximum(leave - begin, 0), 0))
        segment = np.repeat(np.arange(len(number)), number)
        when = begin[segment] + (leave - begin)[segment] * rng.random(len(segment))
        draw = _planned if law.planned else _done
        parts.append(draw(frame, rng, records, stages, life, law, paths.record[segment], when))
    return Activities.together(parts)


def _done(
    frame: Frame, rng: np.random.Generator, records: Records, stages: Ints, life: Life, law: Activity, record: Ints,
    when: Floats,
) -> Activities:  # fmt: skip
    """Activities written down as they happen; calls and notes sometimes later the same day or the next."""
    late = (rng.random(len(record)) < 0.2) & (law.kind in ("call", "note", "document"))
    written = frame.clock.instants(np.where(late, when + rng.exponential(0.4, len(when)), when))
    occurred = frame.clock.instants(when)
    ends = np.where(life.finish == MISSING, frame.until, life.finish)[record]
    outcome = _outcome(rng, law, records.quality[record])
    seconds = np.round(60 * law.minutes * np.exp(rng.normal(0, 0.6, len(record)))).astype(np.int64)
    talked = (law.minutes > 0) & (outcome != _MISSED)
    nothing = np.full(len(record), MISSING)
    return _known(frame, ends, Activities(
        record, np.full(len(record), KINDS.index(law.kind)), _direction(law, len(record)), occurred, written, nothing,
        nothing, np.where(talked, np.maximum(seconds, 20), MISSING), outcome,
    ))  # fmt: skip


def _outcome(rng: np.random.Generator, law: Activity, quality: Floats) -> Ints:
    drawn, warm = rng.random(len(quality)), 1 / (1 + np.exp(-0.7 * quality))
    if law.kind == "email" and law.direction == "out":
        read = np.where(drawn < 0.65 * warm, _OPENED, _SENT)
        return np.where(drawn < 0.15 * warm, _CLICKED, np.where(drawn > 0.985, _BOUNCED, read))
    if law.kind == "call":
        return np.where((drawn < 0.25 + 0.5 * warm) | (law.direction == "in"), _ANSWERED, _MISSED)
    fixed = {("email", "in"): _REPLIED, ("quote", "out"): _SENT}.get((law.kind, law.direction), -1)
    return np.full(len(quality), fixed)


def _planned(
    frame: Frame, rng: np.random.Generator, records: Records, stages: Ints, life: Life, law: Activity, record: Ints,
    when: Floats,
) -> Activities:  # fmt: skip
    """Booked at `when` for some days later; then held, late, cancelled or forgotten, by the state it is due in."""
    count, clock, paths = len(record), frame.clock, records.paths
    due_work = when + 0.3 + rng.exponential(4.0, count)
    due = clock.instants(due_work) // (900 * _SECOND) * (900 * _SECOND)
    state = paths.state[paths.segment_at(record, due_work)]
    resting = (state >= stages[record]) | (due_work >= life.quiet[record])
    drawn, task = rng.random(count), law.kind == "task"
    held = drawn < np.where(resting, 0.25, 0.82)
    cancelled = ~held & (drawn < np.where(resting, 0.55, 0.92))
    seconds = np.round(60 * max(law.minutes, 10) * np.exp(rng.normal(0, 0.4, count))).astype(np.int64)
    done_work = due_work + (rng.exponential(0.8, count) if task else 0.0)
    done = clock.instants(done_work) + (0 if task else 1) * seconds * _SECOND
    ends = np.where(life.finish == MISSING, frame.until, life.finish)[record]
    over = paths.finish[record] <= due_work
    held &= ~over & (done_work < life.quiet[record]) & (done < ends)
    shows = (over | cancelled) & ~held & (due < frame.until)
    outcome = np.where(held, -1 if task else _HELD, np.where(shows, _CANCELLED, -1))
    return _known(frame, ends, Activities(
        record, np.full(count, KINDS.index(law.kind)), _direction(law, count), due, clock.instants(when), due,
        np.where(held, done, MISSING), np.where(held & (not task), seconds, MISSING), outcome,
    ))  # fmt: skip


def _direction(law: Activity, count: int) -> Ints:
    return np.full(count, ("in", "out").index(law.direction) if law.direction else -1)


def _known(frame: Frame, ends: Ints, all_of: Activities) -> Activities:
    """Those written down before the record's end and the world's."""
    kept = (all_of.recorded != MISSING) & (all_of.occurred != MISSING)
    kept &= all_of.recorded < np.minimum(ends, frame.until)
    return Activities(*(getattr(all_of, name)[kept] for name in Activities.__slots__))


def _before_creation(frame: Frame, rng: np.random.Generator, leads: Leads) -> Activities:
    """Visits of the site in the days before a lead asks, and the form of those that came by the site or a campaign."""
    visits = np.repeat(np.arange(len(leads.created)), rng.poisson(0.8 * np.exp(0.45 * leads.quality)))
    ahead = 1 + rng.exponential(30 * 3600, len(visits)).astype(np.int64)
    visited = leads.created[visits] - ahead * _SECOND
    forms = np.flatnonzero(leads.campaign >= 0)
    record, when = np.r_[visits, forms], np.r_[visited, leads.created[forms] - 5 * _SECOND]
    web = np.r_[np.ones(len(visits), bool), np.zeros(len(forms), bool)]
    nothing = np.full(len(record), MISSING)
    seconds = np.round(120 * np.exp(rng.normal(0, 0.8, len(record)))).astype(np.int64)
    return Activities(
        record, np.where(web, KINDS.index("web_visit"), KINDS.index("form")), np.zeros(len(record), np.int64), when,
        when, nothing, nothing, np.where(web, seconds, MISSING), np.full(len(record), -1),
    )  # fmt: skip
