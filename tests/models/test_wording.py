"""Values as people read them."""

import pytest

from models.wording import spell


@pytest.mark.parametrize(
    ("value", "unit", "english", "french"),
    [
        (0.96, "days", "1 day", "1 jour"),
        (1.5, "hours", "1.5 hours", "1,5 heure"),
        (-3.0, "days", "-3 days", "-3 jours"),
        (-0.01, "days", "0 days", "0 jour"),
        (1234.5, "days", "1,234 days", "1\u202f234 jours"),
        (12400.4, "money", "€12,400", "12\u202f400\u00a0€"),
        (0.425, "probability", "42%", "42\u00a0%"),
        (0.0, "flag", "no", "non"),
        (0.0, "weekday", "Monday", "lundi"),
        (12.0, "month", "December", "décembre"),
        (2.25, "times", "2.2", "2,2"),
        (None, "money", "unknown", "inconnu"),
    ],
)
def test_spelling(value: float | None, unit: str, english: str, french: str) -> None:
    assert (spell(value, unit, "en"), spell(value, unit, "fr")) == (english, french)


def test_a_currency_without_a_sign_of_its_own() -> None:
    assert (spell(950.0, "money", "en", "CHF"), spell(950.0, "money", "fr", "CHF")) == ("950\u00a0CHF", "950\u00a0CHF")
