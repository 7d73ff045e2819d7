"""The true law of a record: a Markov process in working time, so that every probability can be computed exactly.

A record is at one of K stages, worked (`s`) or stalled (`K + s`), or asleep (`2K`), or abandoned (`2K + 1`: nothing
ever happens again, and nobody says so). It leaves a state at constant rates per working day: forward (a step, a skip,
and won from the last stage), back, into a stall, awake again, asleep, abandoned, or lost for one of R reasons. Each
rate is the law's, times exp(+-response x effect): the effect of a record is the sum of what is known of it (source,
sector, amount, fields ...) and what is not (quality, the skill of its owner, the affinity of its account).

Stages and activities are consequences of this state; nothing that is observed before the end depends on the end. With
Q the rates between states and B the rates of ending, P(ended by cause c within w working days | state s) is row s of
(integral of exp(Qu) over [0, w)) B. `simulate` and `Exact` use the same `hazards`, which is the only definition.
"""

from dataclasses import dataclass

import numpy as np

from features.columns import Bools, Floats, Ints
from features.crm.synthetic.law import Reason, Response, Rest, Walk

_STEP = 1 / 32
_TERMS = 8


@dataclass(frozen=True, slots=True)
class Chain:
    """Rates per working day at no effect: columns 0..m-1 are states, then won, then lost; `by` is what effects do."""

    stages: int
    rates: Floats
    by: Floats
    weights: Floats

    @property
    def states(self) -> int:
        """How many states a record can be in before its end."""
        return 2 * self.stages + 2

    @property
    def abandoned(self) -> int:
        """The state that is never left."""
        return 2 * self.stages + 1


@dataclass(frozen=True, slots=True)
class Paths:
    """The states records went through, by record then time; `first[i]` is where record i starts.

    `cause` is 0 won, r >= 1 lost for reason r - 1, -1 never; `finish` is the working time of it (inf: never).
    """

    record: Ints
    state: Ints
    start: Floats
    first: Ints
    finish: Floats
    cause: Ints

    def take(self, low: int, high: int) -> "Paths":
        """The records `low` to `high` (exclusive), numbered from 0."""
        a, b = self.first[low], self.first[high]
        return Paths(
            self.record[a:b] - low, self.state[a:b], self.start[a:b], self.first[low : high + 1] - a,
            self.finish[low:high], self.cause[low:high],
        )  # fmt: skip

    def leave(self) -> Floats:
        """When each state is left: the next one's start, or the end of the record (inf: never)."""
        last = np.zeros(len(self.record), bool)
        last[self.first[1:] - 1] = True
        return np.where(last, self.finish[self.record], np.append(self.start[1:], np.inf))

    def segment_at(self, record: Ints, when: Floats) -> Ints:
        """The position of the state each record is in at each working time (which must not precede its start)."""
        span = 1e5
        return np.searchsorted(self.record * span + self.start, record * span + when, side="right") - 1


def chain_of(walk: Walk, reasons: tuple[Reason, ...], response: Response, skip: float) -> Chain:
    """The chain of a walk of the law."""
    count = len(walk.stages)
    states = 2 * count + 2
    rates, by = np.zeros((states, states + 2)), np.zeros((states, states + 2))
    for at, stage in enumerate(walk.stages):
        total = stage.forward + stage.lost + stage.stall + stage.regress
        skipped = skip if at + 2 < count else 0.0
        step = states if at + 1 == count else at + 1
        exits = [(step, stage.forward * (1 - skipped), response.forward), (states + 1, stage.lost, -response.lost),
                 (count + at, stage.stall, -response.stall)]  # fmt: skip
        exits += [(at + 2, stage.forward * skipped, response.forward)] if skipped else []
        exits += [(at - 1, stage.regress, -response.regress)] if at else []
        for to, weight, power in exits:
            rates[at, to], by[at, to] = weight / total / stage.days, power
        _rest(rates, by, count + at, at, walk.stalled, response)
    _rest(rates, by, 2 * count, min(1, count - 1), walk.asleep, response)
    active = np.array([reason.active for reason in reasons])
    resting = np.array([reason.stalled for reason in reasons])
    return Chain(count, rates, by, np.where((np.arange(states) < count)[:, None], active, resting))


def _rest(rates: Floats, by: Floats, at: int, back: int, rest: Rest, response: Response) -> None:
    states = rates.shape[0]
    total = rest.resume + rest.lost + rest.dormant + rest.abandon
    exits = [(back, rest.resume, response.resume), (states + 1, rest.lost, -response.lost),
             (states - 2, rest.dormant, 0.0), (states - 1, rest.abandon, -response.stall)]  # fmt: skip
    for to, weight, power in exits:
        if to != at:
            rates[at, to], by[at, to] = weight / total / rest.days, power


def hazards(chain: Chain, state: Ints, effect: Floats, tilt: Floats) -> Floats:
    """Rates per working day, one row a record: to each state, then won, then lost for each reason."""
    rates = chain.rates[state] * np.exp(chain.by[state] * effect[:, None])
    shares = chain.weights[state] * np.exp(tilt)
    lost = rates[:, -1:] * shares / shares.sum(1, keepdims=True)
    return np.concatenate([rates[:, :-1], lost], axis=1)


def simulate(
    chain: Chain, effect: Floats, tilt: Floats, state: Ints, start: Floats, end: float, rng: np.random.Generator
) -> Paths:
    """Walk records from `state` at working time `start` until their end, or working time `end`."""
    count = len(effect)
    finish, cause = np.full(count, np.inf), np.full(count, -1, np.int64)
    record, now, rounds = np.arange(count), start, []
    while record.size:
        rounds.append((record, state, now))
        rates = hazards(chain, state, effect[record], tilt[record])
        total = rates.sum(1)
        with np.errstate(divide="ignore"):
            now = now + rng.standard_exponential(len(record)) / total
        drawn = rng.random(len(record)) * total
        choice = np.minimum((np.cumsum(rates, axis=1) <= drawn[:, None]).sum(1), rates.shape[1] - 1)
        ended = (choice >= chain.states) & (now < end)
        finish[record[ended]], cause[record[ended]] = now[ended], choice[ended] - chain.states
        on: Bools = (choice < chain.states) & (now < end)
        record, state, now = record[on], choice[on], now[on]
    records, states, starts = (np.concatenate(parts) for parts in zip(*rounds, strict=True))
    order = np.argsort(records, kind="stable")
    first = np.searchsorted(records[order], np.arange(count + 1))
    return Paths(records[order], states[order], starts[order], first, finish, cause)


class Exact:
    """Exact probabilities of records in given states: powers of the law over 1/32 of a working day, by doubling."""

    def __init__(self, chain: Chain, effect: Floats, tilt: Floats, longest: float) -> None:
        size, n = chain.states, len(effect)
        every = np.stack([hazards(chain, np.full(n, s), effect, tilt) for s in range(size)], axis=1)
        self._moves = every[:, :, :size].copy()
        self._moves[:, np.arange(size), np.arange(size)] = -every.sum(2)
        self._ends = every[:, :, size:]
        identity = np.broadcast_to(np.eye(size), self._moves.shape)
        power, reached = self._advance(identity, np.full(n, _STEP))
        self._levels = [(power, reached)]
        for _ in range(int(np.ceil(np.log2(max(longest, 1) / _STEP)))):
            reached = reached + power @ reached
            power = power @ power
            self._levels.append((power, reached))

    def _advance(self, rows: Floats, span: Floats) -> tuple[Floats, Floats]:
        """Rows of states after a short working time, and what has ended meanwhile: the exponential's own series."""
        scale = span[:, None, None]
        term, after, ended = rows, rows, (rows @ self._ends) * scale
        for k in range(1, _TERMS):
            term = (term @ self._moves) * (scale / k)
            after = after + term
            ended = ended + (term @ self._ends) * (scale / (k + 1))
        return after, ended

    def within(self, state: Ints, span: Floats) -> Floats:
        """P(ended within `span` working days), one row a record, one column a cause (won, then each reason)."""
        rows, done = self._begin(state)
        steps = np.floor(span / _STEP).astype(np.int64)
        for level, (power, reached) in enumerate(self._levels):
            taken = ((steps >> level) & 1).astype(bool)[:, None, None]
            done = np.where(taken, done + rows @ reached, done)
            rows = np.where(taken, rows @ power, rows)
        return np.asarray((done + self._advance(rows, span - steps * _STEP)[1])[:, 0])

    def median(self, state: Ints, wins: Floats) -> Floats:
        """Working days until the chance to have won reaches half of `wins`."""
        rows, done = self._begin(state)
        waited = np.zeros(len(state))
        for level in reversed(range(len(self._levels))):
            power, reached = self._levels[level]
            longer = done + rows @ reached
            taken = longer[:, 0, 0] <= wins / 2
            done = np.where(taken[:, None, None], longer, done)
            rows = np.where(taken[:, None, None], rows @ power, rows)
            waited += np.where(taken, 2.0**level * _STEP, 0)
        return waited

    def _begin(self, state: Ints) -> tuple[Floats, Floats]:
        rows = np.eye(self._moves.shape[1])[state][:, None, :]
        return rows, np.zeros((len(state), 1, self._ends.shape[2]))
