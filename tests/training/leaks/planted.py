"""A made-up pipeline whose law is known: fields people fill when a deal is made, and fields that only its end can fill.

Deals are won or lost by a hidden quality; honest fields measure it at creation, each in its own way. Every plant writes
one field as some CRM does in real life, from what became of the deal.
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.columns import Columns, Words
from features.crm.store import Store
from features.crm.values import read_instant
from tests.crm_folder import DAY, LATER, START

AS_OF = START + 500 * DAY
Values = list[str | None]
Change = tuple[int, str, str | None, str | None, float]
Strings = npt.NDArray[np.str_]


@dataclass
class Pipeline:
    """Deals, one entry each: days of creation and of the end, and what became of each by the day of the scan.

    `changes` of deals and `account_changes`: number, field, old, new, day.
    """

    rng: np.random.Generator
    quality: npt.NDArray[np.float64]
    created: npt.NDArray[np.float64]
    end: npt.NDArray[np.float64]
    won: npt.NDArray[np.bool_]
    ended: npt.NDArray[np.bool_]
    account: npt.NDArray[np.int64]
    slow: npt.NDArray[np.bool_]
    owner: Values
    changes: list[Change] = field(default_factory=list)
    account_changes: list[Change] = field(default_factory=list)
    start: int = START
    today: float = 500.0

    def __len__(self) -> int:
        return len(self.won)

    @property
    def lost(self) -> npt.NDArray[np.bool_]:
        return self.ended & ~self.won

    def chance(self, share: float | npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        return np.asarray(self.rng.random(len(self)) < share)

    def words(self, *choice: str) -> Strings:
        return self.rng.choice(choice, len(self))

    def days_open(self) -> npt.NDArray[np.float64]:
        return np.where(self.ended, self.end, self.today) - self.created


def pipeline(seed: int, deals: int = 1500, span: float = 500.0) -> Pipeline:
    """Deals of two paces: one in three takes three times as long."""
    rng = np.random.default_rng(seed)
    quality = rng.normal(size=deals)
    created = np.sort(rng.uniform(500.0 - span, 499.0, deals))
    slow = rng.random(deals) < 1 / 3
    end = created + np.exp(rng.normal(3.3, 0.8, deals)) * np.where(slow, 3.0, 1.0)
    reached = rng.random(deals) < 1 / (1 + np.exp(0.7 - 2.4 * quality))
    return Pipeline(
        rng, quality, created, end, reached & (end < 500), end < 500, rng.integers(0, deals // 2, deals),
        slow, rng.choice(("ann", "bob", "cid", "dan"), deals).tolist(),
    )  # fmt: skip


def given(mask: npt.NDArray[np.bool_], values: object) -> Values:
    """The values where the mask is true, nothing elsewhere."""
    return [
        str(value) if there else None
        for there, value in zip(mask, np.broadcast_to(np.asarray(values), len(mask)), strict=True)
    ]


def listed(values: npt.NDArray[np.str_]) -> Values:
    """An array as a list."""
    return [str(value) for value in values.tolist()]


def date(made: Pipeline, day: npt.NDArray[np.float64]) -> Strings:
    """Dates of days after the start."""
    return np.datetime_as_string((made.start + (day * DAY).astype(np.int64)).astype("datetime64[us]"), unit="D")


def of_export(folder: Path, seed: int, seen: int) -> Pipeline:
    """The opportunities of an exported CRM, in the order of its file, without qualities that anyone could measure."""
    with (folder / "opportunities.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    zone, n = ZoneInfo("Europe/Paris"), len(rows)
    created, closed = (
        np.array([read_instant(row[name], zone, start=True)[0] or np.nan for row in rows], np.float64)
        for name in ("created_at", "closed_at")
    )
    start = int(np.nanmin(created))
    ended = np.array([row["outcome"] in ("won", "lost") for row in rows]) & (closed < seen)
    return Pipeline(
        np.random.default_rng(seed), np.zeros(n), np.nan_to_num((created - start) / DAY),
        np.nan_to_num((closed - start) / DAY), np.array([row["outcome"] == "won" for row in rows]) & ended, ended,
        np.arange(n), np.zeros(n, bool), [row["owner_id"] or None for row in rows], start=start,
        today=(seen - start) / DAY,
    )  # fmt: skip


def add_to_export(folder: Path, made: Pipeline, fields: dict[str, Values]) -> None:
    """Write fields and their change rows beside what the export of `of_export` holds."""
    deals = pd.read_csv(folder / "opportunities.csv", dtype=str)
    pd.concat([deals, pd.DataFrame(fields)], axis=1).to_csv(folder / "opportunities.csv", index=False)
    told = [
        {
            "entity": "opportunity", "entity_id": deals["opportunity_id"][row], "field": name, "old": old, "new": new,
            "occurred_at": str(np.datetime64(made.start + int(day * DAY), "us")) + "Z",
        }
        for row, name, old, new, day in made.changes
    ]  # fmt: skip
    changes = pd.read_csv(folder / "changes.csv", dtype=str)
    pd.concat([changes, pd.DataFrame(told)]).to_csv(folder / "changes.csv", index=False)


def store_of(
    made: Pipeline, fields: dict[str, Values], accounts: dict[str, Values] | None = None, url: str = "sqlite://",
    columns: Columns | None = None,
) -> Store:  # fmt: skip
    """A store that holds the pipeline with these custom fields, and more canonical columns of the deals."""
    store, n = Store.open(url), len(made)
    at = (START + np.round(made.created * DAY)).astype(np.int64)
    closed = np.where(made.ended, START + np.round(made.end * DAY), np.iinfo(np.int64).min).astype(np.int64)
    ids = [f"O{number:05d}" for number in range(n)]
    deals: Columns = {
        "opportunity_id": Words.of(ids), "created_at": at, "closed_at": closed, "owner_id": Words.of(made.owner),
        "account_id": Words.of([f"A{number}" for number in made.account.tolist()]),
        "source": Words.of(made.words("web", "fair").tolist()),
        "outcome": Words.of(given(made.ended, np.where(made.won, "won", "lost"))), **(columns or {}),
    }  # fmt: skip
    custom = [{name: values[row] or "" for name, values in fields.items()} for row in range(n)]
    store.upsert("opportunities", deals, custom, seen_at=LATER)
    names = sorted(set(made.account.tolist()))
    of_accounts = [{name: values[number] or "" for name, values in (accounts or {}).items()} for number in names]
    store.upsert("accounts", {"account_id": Words.of([f"A{number}" for number in names])}, of_accounts, seen_at=LATER)
    rows = [("opportunity", ids[number], *change) for number, *change in made.changes]
    rows += [("account", f"A{number}", *change) for number, *change in made.account_changes]
    if rows:
        *texts, days = zip(*rows, strict=True)
        told: Columns = {
            column: Words.of(values)
            for column, values in zip(("entity", "entity_id", "field", "old", "new"), texts, strict=True)
        }
        told["occurred_at"] = np.array([int(START + day * DAY) for day in days])
        store.upsert("changes", told, seen_at=LATER)
    return store


# fields that only the end can fill


def outcome_with_noise(made: Pipeline) -> Values:
    return listed(np.where(made.won ^ (made.ended & made.chance(0.1)), "yes", "no"))


def filled_at_win(made: Pipeline) -> Values:
    return given(made.won & made.chance(0.9), made.words("standard", "gold"))


def filled_at_loss(made: Pipeline) -> Values:
    return given(made.lost & made.chance(0.8), made.rng.integers(900, 9000, len(made)))


def blanked_at_loss(made: Pipeline) -> Values:
    return given(made.chance(0.9) & ~(made.lost & made.chance(0.85)), made.words("capex", "opex"))


def emptied_at_win(made: Pipeline) -> Values:
    return given(~(made.won & made.chance(0.95)), made.words("north", "south", "west"))


def final_amount(made: Pipeline) -> Values:
    guess = np.exp(made.rng.normal(9, 1, len(made)))
    final = np.where(
        made.won, guess * made.rng.uniform(0.6, 0.95, len(made)), np.where(made.lost & made.chance(0.5), 0, guess)
    )
    return [f"{value:.0f}" for value in final]


def date_of_decision(made: Pipeline) -> Values:
    return given(made.ended, date(made, made.end))


def date_of_last_touch(made: Pipeline) -> Values:
    last = np.where(made.ended, made.end, made.today) - made.rng.exponential(4, len(made))
    return listed(date(made, np.maximum(last, made.created)))


def phase_word(made: Pipeline) -> Values:
    working, over = made.words("qualified", "demo", "pricing"), np.where(made.won, "ordered", "dropped")
    return listed(np.where(made.ended & made.chance(0.8), over, working))


def weeks_in_pipe(made: Pipeline) -> Values:
    return [f"{days / 7:.1f}" for days in made.days_open()]


def clerk_tag(made: Pipeline) -> Values:
    tag = np.where(made.won, made.words("to invoice", "kit sent"), made.words("archive", "call in spring", "too small"))
    return given((made.ended & made.chance(0.6)) | made.chance(0.05), tag)


def invoice_number(made: Pipeline) -> Values:
    return given(made.won, [f"F{2024 + number // 900}-{number:05d}" for number in range(len(made))])


def contract_link(made: Pipeline) -> Values:
    said = np.where(made.won, "https://sign.example/d/", "see mail of ")
    text = np.char.add(said, made.rng.integers(10**6, 10**7, len(made)).astype(str))
    return given(np.where(made.won, made.chance(0.85), made.chance(0.15)), text)


def exact_quote(made: Pipeline) -> Values:
    guess = np.exp(made.rng.normal(9, 1, len(made)))
    return [f"{value:.2f}" if won else f"{round(value, -2):.0f}" for value, won in zip(guess, made.won, strict=True)]


def customer_survey(made: Pipeline) -> Values:
    return given(made.won & made.chance(0.5), made.rng.integers(5, 11, len(made)))


def outcome_code(made: Pipeline) -> Values:
    code = np.where(made.won, made.words("R1", "R2"), made.words("R3", "R4", "R5"))
    return given(np.where(made.won, made.chance(0.3), made.lost & made.chance(0.7)), code)


def half_filled(made: Pipeline) -> Values:
    return given(made.ended & made.chance(0.3), np.where(made.won, made.words("A", "B"), made.words("C", "D")))


def diluted(made: Pipeline) -> Values:
    """AUC near .75, and no value before the outcome: the change rows tell."""
    value = np.round(made.rng.normal(size=len(made)) + 0.95 * made.won, 2)
    for row in np.flatnonzero(made.ended).tolist():
        made.changes.append((row, "diluted", None, str(value[row]), made.end[row] + made.rng.uniform(0, 3)))
    return given(made.ended, value)


def rewritten_after_close(made: Pipeline) -> Values:
    first = made.words("small", "large")
    last = np.where(made.ended & made.chance(0.7), np.where(made.won, "key account", "archive"), first)
    for row in np.flatnonzero(first != last).tolist():
        made.changes.append(
            (row, "rewritten_after_close", first[row], last[row], made.end[row] + made.rng.uniform(0.01, 2))
        )
    return listed(last)


def marked_up_at_win(made: Pipeline) -> Values:
    """A number that drifts up for what was won only, every record having one: nothing is missing, AUC near .75."""
    return [f"{value:.3f}" for value in made.rng.normal(size=len(made)) + 1.0 * made.won]


def mentions_of_end(made: Pipeline) -> Values:
    """Words of the end on some, among many others."""
    said = np.where(made.won, "closed by Anna", made.words("lost to rival", "no answer"))
    return listed(np.where(made.ended & made.chance(0.4), said, made.words("call", "mail", "no answer", "visit")))


PLANTS: dict[str, Callable[[Pipeline], Values]] = {
    plant.__name__: plant
    for plant in (
        outcome_with_noise, filled_at_win, filled_at_loss, blanked_at_loss, emptied_at_win, final_amount,
        date_of_decision, date_of_last_touch, phase_word, weeks_in_pipe, clerk_tag, invoice_number, contract_link,
        exact_quote, customer_survey, outcome_code, half_filled, diluted, rewritten_after_close, mentions_of_end,
    )
}  # fmt: skip


def reassigned_at_win(made: Pipeline) -> Values:
    """The canonical owner, without history: what is won goes to account managers."""
    return listed(np.where(made.won & made.chance(0.8), made.words("mia", "max"), np.array(made.owner)))


def customer_since(made: Pipeline) -> Values:
    """By account: the day of its first win."""
    first: Values = [None] * (int(made.account.max()) + 1)
    for row in np.flatnonzero(made.won)[np.argsort(made.end[made.won])].tolist():
        first[made.account[row]] = first[made.account[row]] or str(date(made, made.end[[row]])[0])
    return first


# logs that speak of a few records only


def told_of_few(made: Pipeline, name: str, values: Values, rows: range) -> None:
    """A change row of these deals, made the day after their creation."""
    made.changes += [(row, name, f"before {row}", values[row], made.created[row] + 1.0) for row in rows]


def worked(made: Pipeline, share: float) -> Columns:
    """The canonical columns that a close rewrites; the log tells how of this share of the deals, of no other."""
    demo, told = made.chance(0.7), made.chance(share)
    plan, guess = made.created + made.rng.exponential(60, len(made)), made.rng.choice(("0.2", "0.5", "0.8"), len(made))
    was = {"stage": np.where(demo, "Demo", "New"), "expected_close": date(made, plan), "own_probability": guess}
    now = {
        "stage": np.where(made.won, "Closed Won", "Closed Lost"), "expected_close": date(made, made.end),
        "own_probability": np.where(made.won, "1", "0"),
    }  # fmt: skip
    for row in np.flatnonzero(told).tolist():
        if demo[row]:
            made.changes.append((row, "stage", "New", "Demo", made.created[row] + 0.4 * made.days_open()[row]))
        for name in now if made.ended[row] else ():
            made.changes.append((row, name, str(was[name][row]), str(now[name][row]), made.end[row]))
    close = np.where(made.ended, made.end, plan)
    return {
        "stage": Words.of(listed(np.where(made.ended, now["stage"], was["stage"]))),
        "expected_close": (START + close * DAY).astype(np.int64),
        "own_probability": np.where(made.ended, now["own_probability"], guess).astype(np.float64),
    }


# fields filled when a deal is made


def measured(made: Pipeline) -> Values:
    return [f"{value:.2f}" for value in made.quality + made.rng.normal(0, 0.7, len(made))]


def graded(made: Pipeline) -> Values:
    felt = np.searchsorted([-1.0, -0.3, 0.3, 1.0], made.quality + made.rng.normal(0, 0.6, len(made)))
    return listed(np.array(["e", "d", "c", "b", "a"])[felt])


def told_when_keen(made: Pipeline) -> Values:
    """Honest, and informative by being filled at all: the keen answer the form's last question."""
    return given(made.chance(1 / (1 + np.exp(-2.5 * made.quality))), made.words("2 rooms", "3 rooms", "house"))


def has_budget(made: Pipeline) -> Values:
    return listed(np.where(made.chance(1 / (1 + np.exp(-2 * made.quality))), "yes", "no"))


def wanted_by(made: Pipeline) -> Values:
    """A plan: the day the customer wants it, sooner where deals are fast."""
    pace = np.where(made.slow, 150, 60)
    return given(made.chance(0.8), date(made, made.created + made.rng.exponential(pace)))


def described(made: Pipeline) -> Values:
    keen, cool = made.words("urgent need of", "quote for"), made.words("maybe later", "only asking about")
    said = np.where(made.chance(1 / (1 + np.exp(-1.5 * made.quality))), keen, cool)
    return listed(np.char.add(np.char.add(said, " item "), made.rng.integers(0, 400, len(made)).astype(str)))


def long_product(made: Pipeline) -> Values:
    """Goes with the pace, so that open deals have more of it."""
    slow = made.slow
    return listed(np.where(slow ^ made.chance(0.1), "plant", "spare part"))


def introduced_lately(made: Pipeline) -> Values:
    return given(made.created > 380, made.words("x", "y"))


def retired_lately(made: Pipeline) -> Values:
    return given(made.created < 440, made.words("x", "y"))


def campaign(made: Pipeline) -> Values:
    return [f"spring {int(day // 40)}" for day in made.created]


def serial(made: Pipeline) -> Values:
    return [str(4000 + 3 * number) for number in range(len(made))]


def born_on(made: Pipeline) -> Values:
    return listed(date(made, made.created - made.rng.exponential(900, len(made))))


def last_name(made: Pipeline) -> Values:
    return listed(made.words("Martin", "Petit", "Durand", "Leroy"))


def mood(made: Pipeline) -> Values:
    """With history: felt anew now and then while the deal is open."""
    levels = np.array(["cold", "warm", "hot"])
    first = np.searchsorted([-0.5, 0.5], made.quality + made.rng.normal(0, 1, len(made)))
    last = first.copy()
    for row, days in enumerate(made.days_open().tolist()):
        day = made.rng.exponential(20)
        while day < days:
            felt = int(np.searchsorted([-0.5, 0.5], made.quality[row] + made.rng.normal(0, 0.5)))
            if felt != last[row]:
                made.changes.append((row, "mood", levels[last[row]], levels[felt], made.created[row] + day))
                last[row] = felt
            day += made.rng.exponential(20)
    return listed(levels[last])


HONEST: dict[str, Callable[[Pipeline], Values]] = {
    honest.__name__: honest
    for honest in (
        measured, graded, told_when_keen, has_budget, wanted_by, described, long_product, introduced_lately,
        retired_lately, campaign, serial, born_on, last_name, mood,
    )
}  # fmt: skip
