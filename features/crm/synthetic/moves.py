"""What people alter in a record as it goes: stage, outcome, owner, amount, expected close, own probability, mood.

Each function draws the alterations of some records from their paths. An alteration is written down (`recorded`) when
it happens or some days late, but never later than the next one of that field.
"""

from dataclasses import dataclass

import numpy as np

from features.columns import MISSING, Bools, Floats, Ints
from features.crm.synthetic.chain import Paths
from features.crm.synthetic.frame import Frame
from features.crm.synthetic.labels import Stages
from features.crm.synthetic.life import Life
from features.crm.synthetic.people import Owners
from features.crm.synthetic.records import Opportunities, Records

_INSTANT = 1e-3
_USUAL_DAYS = 40


@dataclass(frozen=True, slots=True)
class Moves:
    """Alterations of one field, by record then time; instants in microseconds, values as codes, cents or days."""

    field: str
    record: Ints
    when: Ints
    recorded: Ints
    old: Ints
    new: Ints

    def take(self, rows: Bools) -> "Moves":
        """The alterations where the mask is true."""
        columns = (self.record, self.when, self.recorded, self.old, self.new)
        return Moves(self.field, *(column[rows] for column in columns))

    def last(self, creation: Ints) -> Ints:
        """Each record's value after all of them."""
        value = creation.copy()
        value[self.record] = self.new
        return value


def stage_moves(
    frame: Frame, rng: np.random.Generator, records: Records, walk: Ints, stages: Stages, life: Life, wrong: Bools,
    field: str,
) -> tuple[Ints, Moves]:  # fmt: skip
    """The first stage of each record, and its moves; where `wrong`, it is closed as lost by mistake and reopened."""
    finish = records.paths.finish
    shown = _shown(records.paths, walk, stages)
    record, start, leave, code, first = shown
    chance = (rng.random(len(record)) < frame.law.late) & ~wrong[record]
    late = np.where(chance, rng.exponential(frame.law.late_days, len(record)), 0.0)
    written = np.minimum(start + late, np.minimum(leave, finish[record]))
    ends = np.flatnonzero(life.finish != MISSING)
    last = np.r_[first[1:], True]
    end = stages.closed(walk, life.cause)[ends]
    closing = Moves(field, ends, life.finish[ends], life.known[ends], code[last][ends], end)
    went = Moves(
        field, record[~first], frame.clock.instants(start[~first]), frame.clock.instants(written[~first]),
        np.r_[-1, code[:-1]][~first], code[~first],
    )  # fmt: skip
    moves = _together(field, went, closing, *_mistakes(frame, rng, field, walk, stages, wrong, shown, life))
    return code[first], moves.take((moves.recorded < frame.until) & (moves.recorded != MISSING))


def _shown(paths: Paths, walk: Ints, stages: Stages) -> tuple[Ints, Floats, Floats, Ints, Bools]:
    """Stretches of one visible stage: record, start, leave (inf: the record's last), stage, the record's first."""
    code = stages.seen(walk[paths.record], paths.state)
    seen = code >= 0
    record, start, code = paths.record[seen], paths.start[seen], code[seen]
    first = np.r_[True, record[1:] != record[:-1]]
    begins = first | (code != np.r_[-1, code[:-1]])
    record, start, code, first = record[begins], start[begins], code[begins], first[begins]
    return record, start, np.where(np.r_[first[1:], True], np.inf, np.r_[start[1:], np.inf]), code, first


def _mistakes(
    frame: Frame, rng: np.random.Generator, field: str, walk: Ints, stages: Stages, wrong: Bools,
    shown: tuple[Ints, Floats, Floats, Ints, Bools], life: Life,
) -> tuple[Moves, Moves]:  # fmt: skip
    """Closed as lost by mistake in the first stage and reopened soon after, where both come before the next move."""
    record, start, leave, code, first = shown
    shut = start + rng.exponential(3.0, len(start))
    opened = shut + rng.uniform(0.5, 2.0, len(start))
    rows = np.flatnonzero(wrong[record] & first & (opened < np.minimum(leave, life.quiet[record])))
    who, stage = record[rows], code[rows]
    closed, reopened = frame.clock.instants(shut[rows]), frame.clock.instants(opened[rows])
    lost = stages.closed(walk[who], np.ones(len(who), np.int64))
    return Moves(field, who, closed, closed, stage, lost), Moves(field, who, reopened, reopened, lost, stage)


def _together(field: str, *parts: Moves) -> Moves:
    names = ("record", "when", "recorded", "old", "new")
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in names]
    order = np.lexsort((columns[1], columns[0]))
    return Moves(field, *(column[order] for column in columns))


def outcome_moves(stages: Stages, stage: Moves) -> Moves:
    """The outcome beside each move into or out of a closed stage: 0 won, 1 lost, -1 open."""
    kind = np.array([-1] * len(stages.names))
    for offset, count in zip(stages.offset, stages.count, strict=True):
        kind[offset + count + 1], kind[offset + count + 2] = 0, 1
    moves = Moves("outcome", stage.record, stage.when, stage.recorded, kind[stage.old], kind[stage.new])
    return moves.take(moves.old != moves.new)


def owner_moves(frame: Frame, rng: np.random.Generator, records: Records, owners: Owners, life: Life) -> Moves:
    """At most one change of owner a record: the owner left, else a hand-over for no reason of the deal's."""
    count = len(records.created)
    ends = np.where(life.finish == MISSING, frame.until, life.finish)
    leaves = owners.left[records.owner]
    left = (leaves != MISSING) & (leaves > records.created) & (leaves < ends)
    begin = records.paths.start[records.paths.first[:-1]]
    wait = rng.standard_exponential(count) * _USUAL_DAYS / max(frame.law.owners.reassigned, 1e-9)
    moment = frame.clock.instants(begin + wait)
    colleague = owners.choose(rng, records.process, np.maximum(moment, records.created))
    handed = ~left & (begin + wait < life.quiet) & (moment > records.created) & (moment < ends)
    who = np.flatnonzero(left | (handed & (colleague != records.owner)))
    when = np.where(left, leaves, moment)[who]
    new = np.where(left, owners.lead[records.owner], colleague)[who]
    return Moves("owner_id", who, when, when, records.owner[who], new)


def owner_then(owner: Ints, handed: Moves, record: Ints, when: Ints) -> Ints:
    """Who owned each of these records at that instant, given each one's first owner and its change of owner."""
    since, new = np.full(len(owner), np.iinfo(np.int64).max), owner.copy()
    since[handed.record], new[handed.record] = handed.when, handed.new
    return np.where(when >= since[record], new[record], owner[record])


def amount_moves(frame: Frame, rng: np.random.Generator, deals: Opportunities, life: Life) -> tuple[Ints, Moves]:
    """Amounts at creation (one in twelve not yet known) and as they are cut or raised; good deals are cut less."""
    count = len(deals.created)
    unknown = rng.random(count) < 0.08
    record, when = _moments(rng, 0.012, deals, life)
    begin = deals.paths.start[deals.paths.first[:-1]]
    fills = begin + rng.exponential(6, count)
    filled = np.flatnonzero(unknown & (fills < life.quiet))
    record, when = np.r_[record, filled], np.r_[when, fills[filled]]
    order = np.lexsort((when, record))
    record, when = record[order], when[order]
    factor = rng.normal(-0.06, 0.16, len(record)) + 0.05 * deals.quality[record]
    new = np.round(deals.amount[record] * np.exp(_running(record, factor)) / 1000) * 1000
    creation = np.where(unknown, MISSING, deals.amount)
    return creation, _altered(frame, "amount", record, when, np.maximum(new, 1000).astype(np.int64), creation)


def mood_moves(frame: Frame, rng: np.random.Generator, deals: Opportunities, life: Life) -> tuple[Ints, Moves]:
    """The custom field `temperature`: what people feel of the latent quality, felt anew now and then."""
    record, when = _moments(rng, 0.02, deals, life)
    felt = np.searchsorted([-0.5, 0.6], deals.quality[record] + rng.normal(0, 0.7, len(record)))
    first = np.searchsorted([-0.5, 0.6], deals.quality + rng.normal(0, 1.0, len(deals.created)))
    creation = np.where(rng.random(len(first)) < 0.6, first, -1)
    return creation, _altered(frame, "temperature", record, when, felt, creation)


def probability_moves(
    rng: np.random.Generator, deals: Opportunities, owners: Owners, stages: Stages, first: Ints, stage: Moves
) -> tuple[Ints, Moves]:
    """Own probabilities in hundredths: the stage's own, bent by optimism and a little insight; 100 or 0 at the end."""

    def said(record: Ints, code: Ints) -> Ints:
        sure = np.array(stages.probability)[code] * 100
        hunch = 100 * owners.optimism[deals.owner[record]] + 8 * deals.quality[record] + rng.normal(0, 7, len(record))
        typed = np.clip(np.round((sure + hunch) / 5) * 5, 5, 95)
        return np.where((sure > 0) & (sure < 100), typed, sure).astype(np.int64)

    count = len(deals.created)
    creation = np.where(rng.random(count) < 0.85, said(np.arange(count), first), MISSING)
    outcome = np.isin(np.array(stages.probability)[stage.new], (0.0, 1.0))
    moved = stage.take(outcome | (rng.random(len(stage.record)) < 0.7))
    new = said(moved.record, moved.new)
    old = _before(moved.record, new, creation)
    moves = Moves("own_probability", moved.record, moved.when, moved.recorded, old, new)
    return creation, moves.take(old != new)


def close_moves(frame: Frame, rng: np.random.Generator, deals: Opportunities, life: Life) -> tuple[Ints, Moves]:
    """Expected closes in days since 1970: a guess, pushed when its day comes to nothing, then the day itself."""
    count = len(deals.created)
    usual = np.array([1.5 * sum(s.days for s in p.stages) for p in frame.law.processes.values()])[deals.process]
    made = frame.clock.local_days(deals.created)
    day = made + 3 + np.round(usual * np.exp(rng.normal(-0.1, 0.4, count))).astype(np.int64)
    creation = np.where(rng.random(count) < 0.9, day, MISSING)
    record, day, parts = np.flatnonzero(creation != MISSING), creation[creation != MISSING], []
    since = deals.paths.start[deals.paths.first[:-1]][record]
    for _ in range(8):
        now = np.maximum(frame.clock.work(frame.clock.midnight(day)) + rng.uniform(-3, 4, len(day)), since + 0.1)
        pushed = (now < life.quiet[record]) & (rng.random(len(day)) < 0.8)
        record, day, since = record[pushed], day[pushed], now[pushed]
        when = frame.clock.instants(since)
        new = frame.clock.local_days(when) + 7 + rng.exponential(0.4 * usual[record]).astype(np.int64)
        parts.append((record, when, when, day, new))
        day = new
    moves = _together("expected_close", *(Moves("expected_close", *part) for part in parts))
    guessed = moves.take(moves.when < frame.until).last(creation)
    ends = np.flatnonzero(life.finish != MISSING)
    end = life.finish[ends]
    closing = Moves("expected_close", ends, end, life.known[ends], guessed[ends], frame.clock.local_days(end))
    moves = _together("expected_close", moves.take(moves.when < frame.until), closing)
    return creation, moves.take(moves.old != moves.new)


def _moments(rng: np.random.Generator, rate: float, records: Records, life: Life) -> tuple[Ints, Floats]:
    """Working times at a rate per working day while people work on the record, by record then time."""
    begin = records.paths.start[records.paths.first[:-1]]
    span = np.maximum(life.quiet - begin, 0)
    record = np.repeat(np.arange(len(begin)), rng.poisson(rate * span))
    when = begin[record] + _INSTANT + np.maximum(span[record] - _INSTANT, 0) * rng.random(len(record))
    order = np.lexsort((when, record))
    return record[order], when[order]


def _altered(frame: Frame, field: str, record: Ints, when: Floats, new: Ints, creation: Ints) -> Moves:
    instants = frame.clock.instants(when)
    kept = (instants != MISSING) & (instants < frame.until)
    record, instants, new = record[kept], instants[kept], new[kept]
    old = _before(record, new, creation)
    moves = Moves(field, record, instants, instants, old, new)
    return moves.take(old != new)


def _before(record: Ints, new: Ints, creation: Ints) -> Ints:
    """The value before each alteration: the previous one's of that record, else that at creation."""
    if not len(record):
        return new
    follows = np.r_[False, record[1:] == record[:-1]]
    return np.where(follows, np.r_[new[:1], new[:-1]], creation[record])


def _running(record: Ints, steps: Floats) -> Floats:
    """Running sums of steps, anew for each record."""
    total = np.cumsum(steps)
    first = np.searchsorted(record, record)
    return total - (total[first] - steps[first])
