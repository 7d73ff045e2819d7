"""The seeded CRM: what it writes holds together, tells nothing ahead of time, and its truth is true."""

import csv
from collections import Counter, defaultdict
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from stdnum.fr import siren

from features.columns import Floats
from features.crm.schema import TABLES
from features.crm.synthetic import SHIPPED, Law, LawError, load_law, make_world
from features.crm.synthetic.chain import Exact, chain_of, simulate
from features.crm.synthetic.law import Dirt
from tests.cut import cut

Row = dict[str, str]
PARIS = ZoneInfo("Europe/Paris")
UNTIL = datetime(2026, 9, 30, tzinfo=PARIS)


def clean(name: str = "french_sme") -> Law:
    return load_law(name).model_copy(update={"dirt": Dirt(rate=0.0)})


def rows_of(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("world") / "crm"
    make_world(clean(), seed=11, size=1000, out=out)
    return out


@pytest.fixture(scope="module")
def tables(world: Path) -> dict[str, list[Row]]:
    return {name: rows_of(world / f"{name}.csv") for name in TABLES}


def column(rows: list[Row], name: str) -> Floats:
    return np.array([float(row[name]) if row[name] else np.nan for row in rows])


def instant(text: str) -> datetime:
    when = datetime.fromisoformat(text)
    return when if when.tzinfo else when.replace(tzinfo=PARIS)


def test_same_seed_same_bytes_and_another_seed_another_world(tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        make_world(load_law(), seed=seed, size=300, out=tmp_path / name, until=date(2025, 3, 1))
    for folder in ("", "-truth"):
        for path in (tmp_path / f"a{folder}").iterdir():
            assert path.read_bytes() == (tmp_path / f"b{folder}" / path.name).read_bytes(), path.name
    assert (tmp_path / "a/leads.csv").read_bytes() != (tmp_path / "c/leads.csv").read_bytes()


def test_every_table_has_its_columns_and_its_required_values(tables: dict[str, list[Row]]) -> None:
    for name, table in TABLES.items():
        assert tables[name], name
        assert set(tables[name][0]) >= {column.name for column in table.columns}, name
        for column_ in table.columns:
            values = {row[column_.name] for row in tables[name]}
            assert not column_.required or "" not in values, (name, column_.name)
            assert not column_.words or values <= {*column_.words, ""}, (name, column_.name)
    keys = Counter(tuple(row[name] for name in TABLES["changes"].key) for row in tables["changes"])
    assert keys.most_common(1)[0][1] == 1


def test_references_lead_somewhere_and_links_agree(tables: dict[str, list[Row]]) -> None:
    ids = {
        name: {row[f"{name[:-1]}_id"] for row in tables[name]} for name in ("accounts", "contacts", "leads", "owners")
    }
    ids["opportunities"] = {row["opportunity_id"] for row in tables["opportunities"]}
    for name in ("contacts", "leads", "opportunities", "activities", "roles", "quotas", "calls"):
        for target, known in ids.items():
            key = "opportunity_id" if target == "opportunities" else f"{target[:-1]}_id"
            assert {row[key] for row in tables[name] if row.get(key)} <= known, (name, key)
    opened = {row["lead_id"]: row for row in tables["opportunities"] if row["lead_id"]}
    for lead in tables["leads"]:
        assert bool(lead["converted_at"]) == (lead["lead_id"] in opened)
        if lead["converted_at"]:
            assert lead["opportunity_id"] == opened[lead["lead_id"]]["opportunity_id"]
            assert lead["converted_at"] == opened[lead["lead_id"]]["created_at"]


def test_nothing_is_written_down_after_the_end_nor_before_it_happens(tables: dict[str, list[Row]]) -> None:
    ahead = {"due_at", "expected_close", "occurred_at", "period"}
    for name, table in TABLES.items():
        for times in [column.name for column in table.columns if column.type == "time" and column.name not in ahead]:
            assert all(instant(row[times]) < UNTIL for row in tables[name] if row[times]), (name, times)
    assert all(instant(row["occurred_at"]) <= instant(row["recorded_at"]) for row in tables["changes"])
    for row in tables["activities"]:
        if instant(row["occurred_at"]) >= UNTIL:
            assert row["due_at"]
            assert not row["outcome"]
            assert not row["done_at"]


def test_no_activity_of_a_closed_deal_is_written_down_or_done_after_its_end(tables: dict[str, list[Row]]) -> None:
    ends = {row["opportunity_id"]: instant(row["closed_at"]) for row in tables["opportunities"] if row["closed_at"]}
    ends |= {
        row["lead_id"]: instant(row["converted_at"] or row["disqualified_at"])
        for row in tables["leads"]
        if row["converted_at"] or row["disqualified_at"]
    }
    seen = 0
    for row in tables["activities"]:
        end = ends.get(row["opportunity_id"] or row["lead_id"])
        if end is not None:
            seen += 1
            assert instant(row["recorded_at"]) <= end
            assert not row["done_at"] or instant(row["done_at"]) <= end
    assert seen > 3000


def test_changes_lead_step_by_step_to_what_the_record_says_now(tables: dict[str, list[Row]]) -> None:
    moves: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in sorted(tables["changes"], key=lambda row: instant(row["occurred_at"])):
        moves[row["entity"], row["entity_id"], row["field"]].append(row)
    now = {("lead", row["lead_id"]): row for row in tables["leads"]}
    now |= {("opportunity", row["opportunity_id"]): row for row in tables["opportunities"]}
    for (entity, key, field), steps in moves.items():
        assert all(step["old"] != step["new"] for step in steps)
        assert [step["old"] for step in steps[1:]] == [step["new"] for step in steps[:-1]], (key, field)
        assert steps[-1]["new"] == now[entity, key][field], (key, field)
        assert [step["recorded_at"] for step in steps] == sorted((s["recorded_at"] for s in steps), key=instant)
    assert {field for _, _, field in moves} == {
        "stage", "status", "outcome", "owner_id", "amount", "expected_close", "own_probability", "temperature",
    }  # fmt: skip


def test_a_cut_at_the_end_changes_nothing_and_cuts_compose(world: Path, tmp_path: Path) -> None:
    earlier = datetime(2025, 11, 14, 11, 0, tzinfo=PARIS)
    cut(world, tmp_path / "end", UNTIL)
    cut(world, tmp_path / "once", earlier)
    cut(world, tmp_path / "later", datetime(2026, 3, 2, tzinfo=PARIS))
    cut(tmp_path / "later", tmp_path / "twice", earlier)
    for name in TABLES:
        assert rows_of(tmp_path / f"end/{name}.csv") == rows_of(world / f"{name}.csv"), name
        assert rows_of(tmp_path / f"once/{name}.csv") == rows_of(tmp_path / f"twice/{name}.csv"), name
    shown = {"due_at", "expected_close", "occurred_at"}
    for name, table in TABLES.items():
        for times in [column.name for column in table.columns if column.type == "time" and column.name not in shown]:
            rows = rows_of(tmp_path / f"once/{name}.csv")
            assert all(instant(row[times]) < earlier for row in rows if row[times]), (name, times)
    for row in rows_of(tmp_path / "once/opportunities.csv"):
        assert bool(row["outcome"]) == bool(row["closed_at"])
        assert row["outcome"] == "won" or not row["numero_contrat"]


def test_people_work_in_business_hours_of_working_days(tables: dict[str, list[Row]]) -> None:
    for row in tables["activities"]:
        when = instant(row["recorded_at"])
        if row["kind"] in ("call", "meeting", "quote", "task", "note"):
            assert when.weekday() < 5
            assert 9 <= when.hour < 19
            assert (when.month, when.day) not in ((5, 1), (7, 14), (12, 25), (8, 15))


def test_company_numbers_are_valid_and_domains_made_up(tables: dict[str, list[Row]]) -> None:
    numbers = [row["company_number"] for row in tables["accounts"] if row["company_number"]]
    assert all(siren.is_valid(number) for number in numbers)
    assert len(set(numbers)) == len(numbers)
    assert all(row["domain"].endswith(".example") for row in tables["accounts"])
    assert all(row["email"].endswith(".example") or ".essai" in row["email"] for row in tables["contacts"])


def test_chances_of_one_exit_are_the_exponential_and_of_many_those_of_a_million_walks() -> None:
    law = load_law()
    process = law.processes["entreprises"]
    chain = chain_of(process, law.reasons, law.response, law.skip)
    effect, tilt = np.array([0.3, -0.4]), np.array([[0.2] * 7, [0.0, 0.5, 0, 0, 0, 0, -0.3]])
    exact = Exact(chain, effect, tilt, 200.0)
    state, span = np.array([0, 6]), np.array([17.37, 64.2])
    count = 200_000
    for row in range(2):
        walks = simulate(
            chain, np.full(count, effect[row]), np.tile(tilt[row], (count, 1)), np.full(count, state[row]),
            np.zeros(count), 500.0, np.random.default_rng(3),
        )  # fmt: skip
        ended = np.where(walks.finish < span[row], walks.cause, -1)
        seen = np.array([(ended == cause).mean() for cause in range(8)])
        p = exact.within(state, span)[row]
        assert np.all(np.abs(seen - p) < 4.5 * np.sqrt(p * (1 - p) / count) + 1e-9)
        middle = exact.median(state, exact.within(state, span)[:, 0])[row]
        assert exact.within(state, np.full(2, middle))[row, 0] == pytest.approx(p[0] / 2, rel=0.01)
    still = chain.abandoned
    assert exact.within(np.full(2, still), span).sum() == 0.0


@pytest.mark.parametrize("name", ["french_sme", "drift"])
def test_truth_is_calibrated_for_every_horizon_and_reason(tmp_path: Path, name: str) -> None:
    make_world(clean(name), seed=2, size=2500, out=tmp_path / "crm")
    rows = rows_of(tmp_path / "crm-truth/probabilities.csv")
    for kind in ("lead", "opportunity"):
        for age in ("0", "7", "30", "90"):
            mine = [row for row in rows if row["kind"] == kind and row["age"] == age]
            days, horizon = column(mine, "days"), column(mine, "horizon_days")
            outcome = np.array([row["outcome"] for row in mine])
            p = np.clip(column(mine, "p_target"), 1e-6, 1 - 1e-6)
            assert agrees((outcome == "target") & (days <= horizon), p), (kind, age)
            for near in (7, 30, 90):
                assert agrees((outcome == "target") & (days <= near), column(mine, f"p_{near}d")), (kind, age, near)
            for reason in [field for field in mine[0] if field.startswith("p_lost_") and mine[0][field]]:
                lost = (outcome == reason.removeprefix("p_lost_")) & (days <= horizon)
                assert agrees(lost, column(mine, reason)), (kind, age, reason)
            if age == "0":
                slope, intercept = logistic((outcome == "target") & (days <= horizon), np.log(p / (1 - p)))
                assert abs(slope - 1) < 0.12, (kind, slope)
                assert abs(intercept) < 0.15, (kind, intercept)


def agrees(happened: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], p: Floats) -> bool:
    """Whether as many happened as should have, within four standard deviations."""
    return bool(abs(happened.sum() - p.sum()) < 4 * np.sqrt((p * (1 - p)).sum()) + 1)


def logistic(happened: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], x: Floats) -> tuple[float, float]:
    """Slope and intercept of happened on x, by Newton's method."""
    design, beta = np.column_stack([x, np.ones_like(x)]), np.array([1.0, 0.0])
    for _ in range(25):
        p = 1 / (1 + np.exp(-design @ beta))
        beta = beta + np.linalg.solve(design.T * (p * (1 - p)) @ design, design.T @ (happened - p))
    return float(beta[0]), float(beta[1])


def test_probabilities_add_up_and_rise_with_time(world: Path) -> None:
    rows = rows_of(world.with_name("crm-truth") / "probabilities.csv")
    assert {row["kind"] for row in rows} == {"lead", "opportunity"}
    names = [name for name in rows[0] if name.startswith("p_lost_")]
    parts = np.nansum([column(rows, name) for name in names], axis=0)
    assert np.allclose(parts, column(rows, "p_lost"), atol=2e-5)
    whole = column(rows, "p_target") + column(rows, "p_lost") + column(rows, "p_open")
    assert np.allclose(whole, 1, atol=2e-5)
    rising = [column(rows, name) for name in ("p_7d", "p_30d", "p_90d", "p_target")]
    assert all(np.all(low <= high + 1e-6) for low, high in pairwise(rising))


def test_every_spoilt_row_is_listed_and_is_in_the_files(tmp_path: Path) -> None:
    report = make_world(load_law(), seed=4, size=600, out=tmp_path / "crm")
    listed = rows_of(tmp_path / "crm-truth/dirt.csv")
    assert report.spoilt == len(listed)
    assert {row["kind"] for row in listed} == {
        "decimal comma", "not a date", "unknown account", "odd word", "closed before created",
        "closed without outcome", "duplicate row",
    }  # fmt: skip
    found: dict[str, dict[str, list[Row]]] = {name: defaultdict(list) for name in ("opportunities", "activities")}
    for name, key in (("opportunities", "opportunity_id"), ("activities", "activity_id")):
        for row in rows_of(tmp_path / f"crm/{name}.csv"):
            found[name][row[key]].append(row)
    for spoilt in listed:
        rows = found[spoilt["table"]][spoilt["id"]]
        assert len(rows) == (2 if spoilt["kind"] == "duplicate row" else 1)
        assert rows[0][spoilt["field"]] == spoilt["value"]
        if spoilt["kind"] == "closed without outcome":
            assert rows[0]["closed_at"]
    deals = {row["id"] for row in listed if row["table"] == "opportunities"}
    truth = {row["id"] for row in rows_of(tmp_path / "crm-truth/probabilities.csv")}
    assert not deals & truth
    assert all(len(rows) == 1 for rows in found["opportunities"].values() if rows[0]["opportunity_id"] not in deals)


def test_the_worlds_are_what_they_are_called(tmp_path: Path) -> None:
    for name in SHIPPED:
        make_world(clean(name), seed=8, size=800, out=tmp_path / name)
    assert not (tmp_path / "no_history/changes.csv").exists()
    closed = [row for row in rows_of(tmp_path / "no_history/opportunities.csv") if row["outcome"]]
    assert {(row["stage"], row["outcome"]) for row in closed} == {("Gagné", "won"), ("Perdu", "lost")}
    assert not any(row["disqualified_at"] for row in rows_of(tmp_path / "never_closed/leads.csv"))
    assert any(row["disqualified_at"] for row in rows_of(tmp_path / "french_sme/leads.csv"))
    spread = {name: truth_by(tmp_path / f"{name}-truth", "skill") for name in SHIPPED}
    assert spread["latent_owners"] > spread["french_sme"] + 0.1
    later = {name: truth_by(tmp_path / f"{name}-truth", "as_of") for name in ("drift", "french_sme")}
    assert later["drift"] < later["french_sme"] - 0.05


def truth_by(folder: Path, field: str) -> float:
    """How much likelier to win deals in the upper half of a generating feature are, at creation."""
    rows = [row for row in rows_of(folder / "probabilities.csv") if row["kind"] == "opportunity" and row["age"] == "0"]
    value = np.array([instant(row[field]).timestamp() if field == "as_of" else float(row[field]) for row in rows])
    p = column(rows, "p_target")
    return float(p[value > np.median(value)].mean() - p[value <= np.median(value)].mean())


def test_a_bad_law_names_every_key_and_what_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('extends = "french_sme"\nskip = 1.5\nspeed = 2\n[owners]\nteam = "big"\n', "utf-8")
    with pytest.raises(LawError) as error:
        load_law(path)
    text = str(error.value)
    assert "skip: Input should be less than or equal to 1 (it is 1.5)" in text
    assert "speed: Extra inputs are not permitted" in text
    assert "owners.team: Input should be a valid number" in text
    path.write_text("extends = 'mine.toml'\n", "utf-8")
    with pytest.raises(LawError, match="extends itself"):
        load_law(path)
    with pytest.raises(LawError, match="neither a readable UTF-8 file nor one of french_sme"):
        load_law("no-such-law")


def test_a_law_states_only_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('extends = "drift"\nmonths = 12\n[processes.entreprises]\nlevel = -2.0\n', "utf-8")
    law, drift = load_law(path), load_law("drift")
    assert (law.months, law.processes["entreprises"].level, law.drift) == (12, -2.0, drift.drift)
    assert law.processes["entreprises"].stages == drift.processes["entreprises"].stages


def test_refusals(tmp_path: Path, world: Path) -> None:
    with pytest.raises(ValueError, match="300 to 1,000,000"):
        make_world(load_law(), seed=1, size=299, out=tmp_path / "small")
    with pytest.raises(FileExistsError, match="not empty"):
        make_world(load_law(), seed=1, size=300, out=world)
    eager = load_law().model_copy(update={"leads": load_law().leads.model_copy(update={"each": 12.0})})
    with pytest.raises(LawError, match="more than the 300 opportunities asked for"):
        make_world(eager, seed=1, size=300, out=tmp_path / "eager")


def test_progress_ends_at_the_whole(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    make_world(clean(), seed=1, size=300, out=tmp_path / "crm", progress=lambda *now: told.append(now))
    assert told == [("leads", 750, 1050), ("opportunities", 1050, 1050)]
