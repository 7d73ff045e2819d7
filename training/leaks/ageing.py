"""Records still open against those that ended: what a creation value cannot do is wait for the end to be filled.

Records that ended had every chance to be written to; those still open had not. A value taken at creation is the same
in both, once one compares like with like: an open record of age a with the records that were created long enough ago
and were themselves still open at age a (the risk set), so that fields that go with long or short cycles stay honest.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from features.columns import MICROSECONDS_A_DAY, Bools, Codes, Floats, Ints
from training.leaks.figures import Estimate, auc_estimate, mean_estimate
from training.leaks.sample import Sample
from training.leaks.terms import Terms, cross_fitted, scorer

YOUNG = 0.75
"""Open records no older than this share of the ended ones took are compared."""
FEWEST = 20
STRATA = 32
PEERS = 8
STEADY = 2.5
"""Standard errors within which a difference is none."""
CLEAR = 8.0
"""Likelihood ratio from which open records clear a field."""

Verdict = Literal["same", "other", "unclear"]


@dataclass(frozen=True, slots=True)
class Ages:
    """Young open records (`young`), the weight of older ones in their risk sets, the ended ones created as late as the
    young (`peers`), and the weeks each was created in (`stratum`); one entry a record of the sample.
    """

    young: Bools
    weight: Floats
    peers: Bools
    stratum: Codes

    @property
    def enough(self) -> bool:
        """Whether the comparison can be made at all."""
        return min(int(self.young.sum()), int((self.weight > 0).sum())) >= FEWEST


@dataclass(frozen=True, slots=True)
class Shift:
    """A figure of open records, what it would be were it fixed at creation, and of those that ended in either way.

    `drift`: how far the ended records of the same weeks are from what older ones that ended in the same ways show, None
    where those are fewer than PEERS.
    """

    open: Estimate
    expected: Estimate
    reached: float
    missed: float
    drift: Estimate | None

    @property
    def difference(self) -> Estimate:
        """Open less expected."""
        error = float(np.hypot(self.open.error, self.expected.error))
        return Estimate(self.open.value - self.expected.value, error, self.open.n)

    def verdict(self, z: float) -> Verdict:
        """`other`: surely not what was expected, by at least half the way to what a field filled at the end would show,
        and no drift of the calendar explains half of that; `same`: no difference explains it better than a field filled
        at the end, by a likelihood ratio of CLEAR or more.
        """
        gap = self.difference
        down = min(self.reached, self.missed) - self.expected.value
        up = max(self.reached, self.missed) - self.expected.value
        nearer = min((gap.value - end) ** 2 for end in (down, up)) - gap.value**2
        if self.steady and nearer >= 2 * np.log(CLEAR) * gap.error**2:
            return "same"
        fell = gap.high(z) < 0 and gap.value < down / 2
        rose = gap.low(z) > 0 and gap.value > up / 2
        return "other" if (fell or rose) and not self._drifted() else "unclear"

    def _drifted(self) -> bool:
        """Whether a drift explains half of the difference, or cannot be told."""
        if self.drift is None:
            return True
        sure = abs(self.drift.value) > STEADY * self.drift.error
        return sure and self.drift.value / self.difference.value > 0.5

    @property
    def steady(self) -> bool:
        """Whether the difference is within its error."""
        return abs(self.difference.value) <= STEADY * self.difference.error


def ages_of(records: Sample) -> Ages:
    """Who is compared with whom."""
    ended = records.days[records.ended]
    limit = float(np.quantile(ended, YOUNG)) if len(ended) else 0.0
    recent = (records.as_of - records.created) / MICROSECONDS_A_DAY <= limit
    young = ~records.ended & recent
    weight = np.where(recent, 0.0, _risk(records.days[young], records.days, ~recent))
    return Ages(young, weight, records.ended & recent, _strata(records.created))


def _risk(ages: Floats, days: Floats, mature: Bools) -> Floats:
    """Each record's weight among those that were still open at the ages given, each age counting once.

    >>> _risk(np.array([1.0, 5.0]), np.array([2.0, 9.0]), np.array([True, True])).tolist()
    [0.5, 1.5]
    """
    ages, known = np.sort(ages), np.sort(days[mature])
    at_risk = len(known) - np.searchsorted(known, ages, side="right")
    each = np.divide(1.0, at_risk, out=np.zeros(len(ages)), where=at_risk > 0)
    return np.append(0.0, np.cumsum(each))[np.searchsorted(ages, days, side="left")]


def _strata(created: Ints) -> Codes:
    place = np.argsort(np.argsort(created, kind="stable"), kind="stable")
    return (place * STRATA // max(len(created), 1)).astype(np.int32)


def shift_of(records: Sample, ages: Ages, figure: Floats, span: float = 0.0) -> Shift:
    """The means of a figure, one entry a record of the sample; `span` is 1 for a share (see `mean_estimate`)."""
    judged, peers = records.judged, ages.peers
    reached, missed = _mean(figure[judged & records.reached]), _mean(figure[judged & ~records.reached])
    usual = np.where(records.reached[peers], reached, missed)
    return Shift(
        mean_estimate(figure[ages.young], None, span), mean_estimate(figure, ages.weight, span), reached, missed,
        mean_estimate(figure[peers] - usual, None, span) if len(usual) >= PEERS else None,
    )  # fmt: skip


def _mean(figure: Floats) -> float:
    return float(figure.mean()) if len(figure) else 0.0


@dataclass(frozen=True, slots=True)
class Apart:
    """How well the field's value alone tells open records from comparable older ones, and from those of the same weeks
    that did end: both well above 0.5 when it is rewritten at the end.
    """

    older: Estimate
    beside: Estimate

    def low(self, z: float) -> float:
        """The bound that both exceed."""
        return min(self.older.low(z), self.beside.low(z))


def apart(terms: Terms, ages: Ages, fold: Codes, share: float) -> Apart:
    """Cross-fitted: the field's terms learn to tell open from ended, and are tried on records they have not seen."""
    compared = ages.young | (ages.weight > 0)
    weight = np.where(ages.young, 1.0, ages.weight)[compared]
    label, inner = ages.young[compared], terms.take(compared)
    score = cross_fitted(inner, label, fold[compared], weight)
    older = auc_estimate(score, label, weight, share)
    peers = terms.take(ages.peers)
    theirs = scorer(inner, label, weight)(peers)
    ours = score[label]
    return Apart(older, _within(ours, theirs, ages, share))


def _within(ours: Floats, theirs: Floats, ages: Ages, share: float) -> Estimate:
    """The AUC of open against ended records of the same weeks, averaged by their pairs."""
    mine, other = ages.stratum[ages.young], ages.stratum[ages.peers]
    parts = []
    for stratum in np.intersect1d(mine, other).tolist():
        left, right = ours[mine == stratum], theirs[other == stratum]
        label = np.r_[np.ones(len(left), bool), np.zeros(len(right), bool)]
        parts.append((auc_estimate(np.r_[left, right], label, None, share), len(left) * len(right) / len(label)))
    if not parts:
        return Estimate(0.5, 0.5, 0)
    weight = np.array([part[1] for part in parts]) / sum(part[1] for part in parts)
    value = sum(w * part[0].value for w, part in zip(weight, parts, strict=True))
    error = np.sqrt(sum(w**2 * part[0].error ** 2 for w, part in zip(weight, parts, strict=True)))
    return Estimate(float(value), float(error), sum(part[0].n for part in parts))
