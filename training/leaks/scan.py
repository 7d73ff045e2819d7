"""The scan: every field judged on every kind of record that may learn from it, and what the honest ones are worth."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from features.columns import Bools
from features.crm.fields import CustomField, custom_fields
from features.crm.store import Store
from features.entity import Starts, load_starts
from features.history import TARGETS, Kind, load_history
from features.settings import Settings
from training.leaks.ageing import ages_of
from training.leaks.evidence import Evidence, evidence_of
from training.leaks.figures import strictness
from training.leaks.gain import Base, Gain, base_of, gain_of, middle_age
from training.leaks.judge import Finding, Verdict, judge
from training.leaks.kin import kin
from training.leaks.sample import FieldName, Sample, Series, fields_of, sample, series_of
from training.leaks.terms import filled

Progress = Callable[[str, int, int], None]
"""A step's name, how many fields are done, of how many."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One field, judged on one kind of record. `gain`: None where it leaks, is canonical, or too little is known."""

    field: FieldName
    kind: Kind
    verdict: Verdict
    findings: tuple[Finding, ...]
    evidence: Evidence
    gain: Gain | None


def scan(
    store: Store, settings: Settings, as_of: int, *, gains: bool = True, progress: Progress = lambda *_: None
) -> list[Judged]:
    """Judge each custom field, and the canonical ones that features read, as known at `as_of` (int64
    microseconds). A field of an account or contact is judged once for each kind of record.
    """
    starts, customs = load_starts(store), custom_fields(store)
    found: list[Judged] = []
    with threadpool_limits(1, user_api="blas"):  # sums must not depend on the number of processors
        for kind in TARGETS:
            found += scan_kind(store, settings, kind, as_of, starts, customs, gains=gains, progress=progress)
    return found


def scan_kind(
    store: Store, settings: Settings, kind: Kind, as_of: int, starts: Starts, customs: list[CustomField],
    *, gains: bool = True, progress: Progress = lambda *_: None,
) -> list[Judged]:  # fmt: skip
    """Judge the fields that one kind of record may learn from; none without a record whose outcome is known."""
    history = load_history(store, settings, kind, starts=starts, activities=gains and bool(customs))
    records = sample(history, TARGETS[kind], as_of)
    if not records.judged.any():
        return []
    fields = fields_of(kind, customs, starts.kept)
    z, ages, bases = strictness(len(fields)), ages_of(records), _Bases(store, settings, records)
    found: list[Judged] = []
    masks: dict[FieldName, Bools] = {}
    for done, series in enumerate(series_of(store, settings, records, fields, starts.kept), 1):
        progress(f"scanning the fields of {kind}", done, len(fields))
        seen = evidence_of(series, ages if series.sample is records else ages_of(series.sample))
        if series.field.canonical and not seen.filled:
            continue
        verdict, findings = judge(seen, z)
        worth = gains and verdict != "leaks" and not series.field.canonical
        found.append(Judged(series.field, kind, verdict, findings, seen, bases.gain(series) if worth else None))
        if not series.field.canonical and not series.kept:
            masks[series.field] = filled(series.value)
    related = kin(masks, {one.field: one.verdict for one in found})
    return [_with(one, related[one.field]) if one.field in related else one for one in found]


def _with(one: Judged, finding: Finding) -> Judged:
    return replace(one, verdict=finding.asks, findings=(finding, *one.findings))


class _Bases:
    """What the standard features say, at creation and in the middle of a life: each made when first needed."""

    def __init__(self, store: Store, settings: Settings, records: Sample) -> None:
        self._made: dict[bool, Base] = {}
        self._of = (store, settings, records)

    def gain(self, series: Series) -> Gain | None:
        if series.kept not in self._made:
            age = middle_age(self._of[2]) if series.kept else 0.0
            self._made[series.kept] = base_of(*self._of, age)
        return gain_of(self._made[series.kept], series)
