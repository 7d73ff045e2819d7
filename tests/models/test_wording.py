"""Values as people read them."""

import pytest

from models.wording import spell


@pytest.mark.parametrize(
    ("value", "unit", "english", "french"),
    [
        (0.96, "days", "23 hours", "23 heures"),
        (0.01, "days", "less than an hour", "moins d'une heure"),
        (1.4, "days", "1 day", "1 jour"),
        (75.0, "hours", "3 days", "3 jours"),
        (12.4, "days ahead", "in 12 days", "dans 12 jours"),
        (-3.0, "days ahead", "3 days ago", "il y a 3 jours"),
        (-0.2, "days ahead", "less than a day ago", "il y a moins d'un jour"),
        (-859.0, "days to deadline", "passed 859 days ago", "dépassée de 859 jours"),
        (0.4, "age", "just created", "vient d'être créée"),
        (20.0, "age", "created 20 days ago", "créée il y a 20 jours"),
        (-3.0, "change", "-3", "-3"),
        (2.0, "change", "+2", "+2"),
        (0.004, "share", "under 1%", "moins de 1\u00a0%"),
        (0.0, "share", "0%", "0\u00a0%"),
        ("director", "seniority", "director", "directeur"),
        ("C", "sector", "Manufacturing", "Industrie manufacturière"),
        ("62", "division", "Software and IT services", "Programmation et conseil informatique"),
        ("DE", "country", "Germany", "Allemagne"),
        ("Freedonia", "country", "Freedonia", "Freedonia"),
        ("engineering", "function", "engineering", "technique"),
        ("free", "mail_kind", "free service", "service gratuit"),
        ("fixed", "phone_kind", "fixed line", "ligne fixe"),
        ("20-49", "size_band", "20 to 49", "20 à 49"),
        ("10000+", "size_band", "10,000 or more", "10\u202f000 et plus"),
        ("0", "size_band", "0", "0"),
        ("Nouveau", "", "Nouveau", "Nouveau"),
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
def test_spelling(value: float | str | None, unit: str, english: str, french: str) -> None:
    assert (spell(value, unit, "en"), spell(value, unit, "fr")) == (english, french)


def test_a_currency_without_a_sign_of_its_own() -> None:
    assert (spell(950.0, "money", "en", "CHF"), spell(950.0, "money", "fr", "CHF")) == ("950\u00a0CHF", "950\u00a0CHF")
