"""All the evidence on one field, gathered."""

from dataclasses import dataclass

import numpy as np

from features.columns import Bools, Codes, Column, Floats, Ints, Words
from training.leaks.ageing import Ages, Apart, Shift, apart, shift_of
from training.leaks.figures import Estimate, auc_estimate
from training.leaks.names import Meaning, meaning, tells_end
from training.leaks.sample import FieldName, Sample, Series, channel_of
from training.leaks.terms import Terms, cross_fitted, filled, folds, scorer, terms_of
from training.leaks.timing import Dated, Rewritten, dated, follows, rewritten

PURE = 0.9
"""A word of the end counts when so many of at least PURE_ROWS records with it ended one way."""
PURE_ROWS = 20


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the scan found on one field. `reached` and `missed`: judged records on either side; `open`: the others.

    `filled`: share of records with a value, and of judged ones that reached the target or missed it. `within`: the
    AUC among the records that have a value; `missing`: that of being filled, `channel` the same within one source
    and process.
    `of_fill`, `of_value` and `of_weight`: open against ended records, by being filled, by what the value says of the
    outcome, and by how much it says of it. None: there was nothing to measure it on.
    """

    field: FieldName
    kept: bool
    reached: int
    missed: int
    open: int
    filled: float
    filled_reached: float
    filled_missed: float
    auc: Estimate
    within: Estimate
    missing: Estimate
    channel: float
    of_fill: Shift | None
    of_value: Shift | None
    of_weight: Shift | None
    apart: Apart | None
    follows: Estimate | None
    dated: Dated | None
    rewritten: Rewritten | None
    meaning: Meaning
    words: tuple[str, ...]


def evidence_of(series: Series, ages: Ages) -> Evidence:
    """Measure everything on one field. `ages` is that of the series' sample."""
    field, records, value = series.field, series.sample, series.value
    known, judged = filled(value), records.judged
    reached, missed = judged & records.reached, judged & ~records.reached
    group, share = _groups(series)
    terms, fold = terms_of(value, field.sort, records.created), folds(group)
    score = _scores(terms, records, fold)
    dates = value.astype(np.int64) if field.sort == "date" and not isinstance(value, Words) else None

    def told_apart(figure: Floats, of: Bools) -> Estimate:
        return auc_estimate(figure[of], records.reached[of], None, share)

    def shifted(figure: Floats, span: float = 0.0) -> Shift | None:
        return shift_of(records, ages, figure, span) if ages.enough and reached.any() and missed.any() else None

    return Evidence(
        field=field, kept=series.kept, reached=int(reached.sum()), missed=int(missed.sum()), open=int((~judged).sum()),
        filled=_share(known), filled_reached=_share(known[reached]), filled_missed=_share(known[missed]),
        auc=told_apart(score, judged), within=told_apart(score, judged & known),
        missing=told_apart(_signed(known, reached, missed), judged),
        channel=_within_channel(known[judged], records.reached[judged], channel_of(records)[judged]),
        of_fill=shifted(known.astype(np.float64), 1.0), of_value=shifted(score), of_weight=shifted(np.abs(score)),
        apart=apart(terms, ages, fold, share) if ages.enough else None,
        follows=follows(value, field.sort, records), dated=None if dates is None else dated(dates, records),
        rewritten=rewritten(series), meaning=meaning(field.name),
        words=_end_words(value, records) if field.sort == "category" else (),
    )  # fmt: skip


def _groups(series: Series) -> tuple[Ints, float]:
    """Records that share their value by being of one account share a fold; and how many independent ones there are a
    record.
    """
    lone = series.group < 0
    group = np.where(lone, series.group.max(initial=0) + 1 + np.arange(len(lone)), series.group)
    return group, len(np.unique(group)) / max(len(group), 1)


def _scores(terms: Terms, records: Sample, fold: Codes) -> Floats:
    """Judged records by the other folds, the others by all judged ones."""
    judged = records.judged
    score = np.zeros(terms.n)
    if judged.any():
        inner = terms.take(judged)
        score[judged] = cross_fitted(inner, records.reached[judged], fold[judged])
        score[~judged] = scorer(inner, records.reached[judged], np.ones(inner.n))(terms.take(~judged))
    return score


def _signed(known: Bools, reached: Bools, missed: Bools) -> Floats:
    """1 for records that are filled, or for those that are empty, whichever goes with the target."""
    return np.where(known == (_share(known[reached]) >= _share(known[missed])), 1.0, 0.0)


def _share(mask: Bools) -> float:
    return float(mask.mean()) if len(mask) else 0.0


def _within_channel(known: Bools, reached: Bools, channel: Ints) -> float:
    """How far from 0.5 the AUC of being filled stays when records are compared within one source and process only (each
    by its number of pairs): a form that does not ask explains itself. 0.5 and above.
    """
    total = pairs = 0.0
    for code in np.unique(channel).tolist():
        of = channel == code
        up, down = known[of & reached], known[of & ~reached]
        if len(up) and len(down):
            weight = len(up) * len(down) / (len(up) + len(down))
            total, pairs = total + weight * (float(up.mean()) - float(down.mean())) / 2, pairs + weight
    return 0.5 + abs(total / pairs) if pairs else 0.5


def _end_words(value: Column, records: Sample) -> tuple[str, ...]:
    """The words of the end that go with one outcome almost surely, most common first."""
    if not isinstance(value, Words):
        return ()
    judged = records.judged & (value.codes >= 0)
    seen = np.bincount(value.codes[judged], minlength=len(value.words))
    hits = np.bincount(value.codes[judged], records.reached[judged], minlength=len(value.words))
    rate = hits / np.maximum(seen, 1)
    pure = (seen >= PURE_ROWS) & (np.maximum(rate, 1 - rate) >= PURE)
    order = [code for code in np.argsort(-seen, kind="stable").tolist() if pure[code]]
    return tuple(tells_end(value.words[code] for code in order))
