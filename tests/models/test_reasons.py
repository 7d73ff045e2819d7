"""Reasons add up to the final log-odds, for every head and calibration."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalog import CATALOG as SHIPPED
from features.catalog import custom_features
from features.columns import Floats, Words
from features.entity import Attribute
from features.matrix import Matrix
from models.heads import Head, Linear, Number
from models.model import Calibration, Model
from models.reasons import Says, explain, groups_of, reasons
from models.wording import Language, say
from tests.models.conftest import HEADS, encoder, model_of, pipeline


@dataclass(frozen=True)
class Row:
    """A catalogue row of our own."""

    family: str
    unit: str = "days"
    missing: str = "no calls yet"
    says_en: str = "called {value} times"
    says_fr: str = "appelé {value} fois"
    missing_fr: str = "aucun appel pour l'instant"
    group: str = ""


CATALOG = {
    "calls_30d": Row("calls", "events"),
    "calls_90d": Row("calls", "events"),
    "amount": Row("amount", "money", "no amount", "amount {value}", "montant {value}"),
    "stage": Row("stage", "", "no stage recorded", "stage: {value}", "étape : {value}", "étape non renseignée"),
}


@pytest.mark.parametrize("name", HEADS)
@given(seed=st.integers(0, 10**6), a=st.floats(0.1, 20), b=st.floats(-5, 5))
@settings(max_examples=20, deadline=None)
def test_base_and_contributions_make_the_final_log_odds(name: str, seed: int, a: float, b: float) -> None:
    model = replace(_MODELS[name], calibration=Calibration(a, b))  # steep ones reach the limit of 12
    matrix = pipeline(3, seed)
    final = model.predict(matrix).log_odds
    for row in range(3):
        base, told = reasons(model, matrix, row, CATALOG)
        assert abs(base + sum(reason.log_odds for reason in told) - final[row]) <= 1e-9


_MODELS = {name: model_of(make()) for name, make in HEADS.items()}


def test_many_are_explained_as_one_is(model: Model, matrix: Matrix) -> None:
    together = list(explain(model, matrix, CATALOG))
    assert len(together) == len(matrix)
    for row in (0, 17, 255, 256, 399):
        assert together[row] == reasons(model, matrix, row, CATALOG)
    assert all(len(told) <= 2 for _, told in explain(model, matrix, CATALOG, top=2))


def test_in_a_linear_model_a_contribution_is_its_terms(matrix: Matrix) -> None:
    head = Linear(0.3, (Number(2, 0.5, 1.0, 2.0), Number(3, -0.25, 4.0, 2.0), Number(1, 0.4, 9.0, 2.0, log=True)))
    model = model_of(head, Calibration(2.0, 0.0))
    calls = [{r.group: r.log_odds for r in told}.get("calls", 0.0) for _, told in explain(model, matrix, CATALOG)]
    x = model.encoder.encode(matrix)
    thirty = np.where(np.isnan(x[:, 2]), 0.0, 0.5 * (x[:, 2] - 1) / 2) - 0.25
    ninety = np.where(np.isnan(x[:, 3]), 0.0, -0.25 * (x[:, 3] - 4) / 2) + 0.25
    np.testing.assert_allclose(calls, 2 * (thirty + ninety), atol=1e-12)


def test_a_family_speaks_once_by_the_column_that_weighs_most() -> None:
    head = Linear(0.0, (Number(2, 0.1), Number(3, -2.0)))
    matrix = pipeline(1, seed=1)
    matrix.numbers["calls_30d"][0], matrix.numbers["calls_90d"][0] = 1.0, 3.0
    _, told = reasons(model_of(head), matrix, 0, CATALOG)
    assert [(reason.group, reason.feature, reason.value) for reason in told] == [("calls", "calls_90d", 3.0)]
    assert (told[0].sentence_en, told[0].sentence_fr) == ("called 3 times", "appelé 3 fois")


def test_groups_are_families_and_words_speak_for_themselves() -> None:
    names = [group.name for group in groups_of(encoder(), CATALOG)]
    assert names == ["age_days", "amount", "calls", "owner_rate", "process", "stage", "source"]


def test_missing_and_uncatalogued_values_have_words() -> None:
    head = Linear(0.0, (Number(2, 1.0, missing=-3.0), Number(4, 1.0)))
    matrix = pipeline(1, seed=1)
    matrix.numbers["calls_30d"][0], matrix.numbers["owner_rate"][0] = np.nan, 0.25
    _, told = reasons(model_of(head), matrix, 0, CATALOG)
    assert [reason.sentence_en for reason in told] == ["no calls yet", "owner rate: 0.2"]
    assert told[0].value is None


def test_the_usual_record_has_no_reasons() -> None:
    numbers = {
        i.name: np.array([np.nan if i.reference is None else i.reference]) for i in encoder().inputs if not i.words
    }
    words = {i.name: Words(np.array([-1 if i.reference is None else int(i.reference)], np.int32), i.words) for i in
             encoder().inputs if i.words}  # fmt: skip
    model = _MODELS["blend"]
    base, told = reasons(model, Matrix(numbers, words), 0, CATALOG)
    assert told == []
    assert base == model.predict(Matrix(numbers, words)).log_odds[0]


def test_all_switched_rows_are_scored_in_one_call(matrix: Matrix) -> None:
    calls: list[int] = []

    class Counted(Head):
        kind = "counted"

        def log_odds(self, x: Floats) -> Floats:
            calls.append(len(x))
            return np.zeros(len(x))

    reasons(replace(_MODELS["linear"], target=Counted()), matrix, 0, CATALOG)
    assert len(calls) == 1


def test_a_missing_word_is_told_by_its_field() -> None:
    matrix = pipeline(1, seed=1)
    stage = matrix.categories["stage"]
    matrix.categories["stage"] = replace(stage, codes=np.array([-1], np.int32))
    told = [reason for reason in reasons(_MODELS["blend"], matrix, 0, CATALOG)[1] if reason.feature == "stage"]
    said = [(reason.sentence_en, reason.sentence_fr) for reason in told]
    assert said == [("no stage recorded", "étape non renseignée")]


@pytest.mark.parametrize("feature", SHIPPED, ids=lambda row: str(row.name))
def test_every_sentence_of_the_catalogue_reads_well(feature: Says) -> None:
    values: tuple[float | str, ...] = (0.0, 1.0, 2.0)
    sentences: tuple[tuple[str, Language], ...] = ((feature.says_en, "en"), (feature.says_fr, "fr"))
    for sentence, language in sentences:
        told = [say(sentence, value, feature.unit, language) for value in values]
        assert len(set(told)) > 1
        assert not any("{" in part or "|" in part for part in told)
    assert not {feature.missing, feature.missing_fr} & {"not recorded", "never", "non renseigné", "jamais"}


@pytest.mark.parametrize(
    ("name", "value", "english", "french"),
    [
        ("days_since_activities", 872.0, "last activity 872 days ago", "dernière activité il y a 872 jours"),
        (
            "days_to_expected_close",
            -859.0,
            "expected close passed 859 days ago",
            "échéance prévue dépassée de 859 jours",
        ),
        ("days_to_next_step", 12.0, "next step due in 12 days", "prochaine étape prévue dans 12 jours"),
        ("missed_so_far", 0.0, "no missed call or meeting so far", "aucun appel ou rendez-vous manqué à ce jour"),
        ("calls_30d", 1.0, "1 call in the last 30 days", "1 appel ces 30 derniers jours"),
        ("age_days", 0.1, "just created", "vient d'être créée"),
        ("function", "purchasing", "function: purchasing", "fonction : achats"),
        ("sector", "F", "sector: Construction", "secteur : Construction"),
        ("close_pushes", 2.0, "expected close pushed out 2 times", "échéance repoussée 2 fois"),
    ],
)
def test_sentences_as_a_sales_person_says_them(name: str, value: float | str, english: str, french: str) -> None:
    row = next(row for row in SHIPPED if row.name == name)
    assert (say(row.says_en, value, row.unit, "en"), say(row.says_fr, value, row.unit, "fr")) == (english, french)


def test_a_custom_field_may_have_any_name() -> None:
    (row,) = custom_features(Attribute("Fin {de} contrat | bail", "creation", "date"), "leads")
    assert say(row.says_fr, -3.2, row.unit, "fr") == "Fin {de} contrat / bail : il y a 3 jours"
