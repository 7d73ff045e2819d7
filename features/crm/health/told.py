"""Findings in words, in English and French: on a terminal, and as rows of a file."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pyarrow as pa

from features.crm.health.check import LANGUAGES, Check, Example, Figure, Finding, Found, Language, Severity
from features.crm.health.run import Health
from features.crm.health.snapshot import EXAMPLES
from features.crm.shapes import visible
from features.nouns import Noun

_HEADS: dict[Severity, tuple[str, str]] = {
    "wrong": ("WRONG: it cannot be so", "FAUX : cela ne peut pas être"),
    "suspect": ("SUSPECT: it can be so, but rarely is", "DOUTEUX : possible, mais rare"),
    "worth knowing": ("WORTH KNOWING: it limits what can be learned", "BON À SAVOIR : cela limite ce qui s'apprend"),
}
_NOUNS = {
    "accounts": Noun(("account", "accounts"), ("compte", "comptes")),
    "contacts": Noun(("contact", "contacts"), ("contact", "contacts")),
    "leads": Noun(("lead", "leads"), ("piste", "pistes"), feminine=True),
    "opportunities": Noun(("opportunity", "opportunities"), ("affaire", "affaires"), feminine=True),
    "changes": Noun(("change", "changes"), ("changement", "changements")),
    "activities": Noun(("activity", "activities"), ("activité", "activités"), feminine=True),
    "roles": Noun(("role", "roles"), ("rôle", "rôles")),
    "owners": Noun(("owner", "owners"), ("commercial", "commerciaux")),
    "quotas": Noun(("quota", "quotas"), ("objectif", "objectifs")),
    "stages": Noun(("stage", "stages"), ("étape", "étapes"), feminine=True),
    "calls": Noun(("forecast call", "forecast calls"), ("engagement", "engagements")),
    "spend": Noun(("spend row", "spend rows"), ("dépense", "dépenses"), feminine=True),
    "files": Noun(("file", "files"), ("fichier", "fichiers")),
    "attributes": Noun(("attribute", "attributes"), ("attribut", "attributs")),
}

_ASIDE = (("row set aside", "rows set aside"), ("ligne mise de côté", "lignes mises de côté"))


def number(value: int, language: Language) -> str:
    """A count as the language groups its digits.

    >>> number(12345, "en"), number(12345, "fr")
    ('12,345', '12\\u202f345')
    """
    return f"{value:,}".replace(",", "," if language == "en" else "\u202f")


def percent(share: float, language: Language) -> str:
    """A share of 1 in percent; small ones with a decimal, never rounded to nothing or to all.

    >>> percent(0.1234, "en"), percent(0.0123, "fr"), percent(0.00001, "en"), percent(0.9999, "en")
    ('12%', '1,2\\xa0%', '<0.1%', '>99%')
    """
    if 0 < share < 0.001:
        text = "<0.1"
    elif 0.99 < share < 1:
        text = ">99"
    else:
        text = f"{100 * share:.1f}" if 0 < share < 0.0995 else f"{100 * share:.0f}"
    return f"{text}%" if language == "en" else text.replace(".", ",") + "\u00a0%"


def says(finding: Finding, language: Language) -> str:
    """The whole sentence: how many of how many, and what of them."""
    return _spaced(f"{_counted(finding, language)}{(':', ' :')[LANGUAGES.index(language)]} ", language) + _what(
        finding, language
    )


def advice(finding: Finding, language: Language) -> str:
    """What to do about it."""
    return _spaced(finding.check.advice[LANGUAGES.index(language)], language)


def _counted(finding: Finding, language: Language) -> str:
    noun, found = _NOUNS[finding.found.table], finding.found
    one, several = noun.en if language == "en" else noun.fr
    count, of = number(found.count, language), number(found.of, language)
    if finding.share is None:
        return f"{count} {several if _is_plural(found.count, language) else one}"
    share = percent(finding.share, language)
    if language == "en":
        return f"{count} of {of} {one if found.of == 1 else several} ({share})"
    return f"{count} {several if _is_plural(found.count, language) else one} sur {of} ({share})"


def _what(finding: Finding, language: Language) -> str:
    """The sentence, its figures in their places; {s} is the ending of a French plural."""
    figures = {name: _figure(value, language) for name, value in finding.found.figures.items()}
    if "aside" in figures:
        aside = int(finding.found.figures["aside"])
        figures["aside"] = f"{number(aside, language)} {_ASIDE[LANGUAGES.index(language)][_is_plural(aside, language)]}"
    plural = _is_plural(finding.found.count, language)
    says = finding.check.says[LANGUAGES.index(language)]
    return _spaced(says, language).format(**figures, s="s" if plural else "")


def _is_plural(count: int, language: Language) -> bool:
    return count != 1 if language == "en" else count > 1


def _figure(value: Figure, language: Language) -> str:
    if isinstance(value, float):
        return percent(value, language)
    return number(value, language) if isinstance(value, int) else visible(value)


def _spaced(text: str, language: Language) -> str:
    """French sets these signs off with a space that does not break."""
    if language == "fr":
        for sign in ":;?!%»":
            text = text.replace(f" {sign}", f"\u00a0{sign}")
        text = text.replace("« ", "«\u00a0")
    return text


def render(health: Health, language: Language) -> str:
    """The findings as a person reads them on a terminal: by severity, each with examples and what to do."""
    return "\n".join(_lines(health, language))


def _lines(health: Health, language: Language) -> Iterator[str]:
    here = LANGUAGES.index(language)
    rows = ", ".join(
        f"{number(count, language)} {_noun(table, count, language)}" for table, count in health.rows.items()
    )
    yield rows or empty_store(health.store, language)
    if not rows and not health.findings:
        return
    for severity, findings in groupby(health.findings, key=lambda finding: finding.check.severity):
        yield f"\n{_spaced(_HEADS[severity][here], language)}"
        for finding in findings:
            yield f"\n  {says(finding, language)}"
            yield from _examples(finding, language)
            yield f"      -> {advice(finding, language)}"
    silent, every = len(health.silent), len(health.silent) + len({f.check.name for f in health.findings})
    last = (
        "{silent} of {every} checks found nothing above their threshold (docs/health.md).",
        "{silent} contrôles sur {every} n'ont rien trouvé au-delà de leur seuil (docs/health.md).",
    )[here]
    yield f"\n{last.format(silent=silent, every=every)}"


def empty_store(name: str, language: Language) -> str:
    """What there is to say of a store without any row.

    >>> empty_store("sqlite:///plumbline.db", "en")
    'the store sqlite:///plumbline.db is empty: plumbline import FOLDER'
    """
    says = ("the store {name} is empty: plumbline import FOLDER", "la base {name} est vide : plumbline import DOSSIER")
    return _spaced(says[LANGUAGES.index(language)], language).format(name=name)


def _noun(table: str, count: int, language: Language) -> str:
    return (_NOUNS[table].en if language == "en" else _NOUNS[table].fr)[_is_plural(count, language)]


def _examples(finding: Finding, language: Language) -> Iterator[str]:
    """The ids, each with what it clashes with, on one line; one line each where they have pages."""
    shown = [
        (visible(f"{example.id} ({example.other})" if example.other else example.id), visible(example.url))
        for example in finding.found.examples
    ]
    if any(url for _, url in shown):
        yield from (f"      {name}  {url}" for name, url in shown)
    elif shown:
        yield f"      {('e.g.', 'p. ex.')[LANGUAGES.index(language)]} {', '.join(name for name, _ in shown)}"


def row(finding: Finding, language: Language) -> dict[str, Any]:
    """A finding as one row of a file: the same columns for each."""
    found, check = finding.found, finding.check
    counts = {"count": found.count, "of": found.of or None, "share": finding.share}
    told = {"says": _what(finding, language), "advice": advice(finding, language)}
    examples = [*found.examples, *[Example("")] * EXAMPLES][:EXAMPLES]
    named = {
        f"{part}_{place}": value
        for part in ("example", "other", "url")
        for place, example in enumerate(examples, 1)
        for value in [example.id if part == "example" else example.other if part == "other" else example.url]
    }
    return {"check": check.name, "severity": check.severity, "table": found.table} | counts | told | named


def table(health: Health, language: Language) -> Any:
    """Every finding, as an Arrow table: its columns are there when nothing was found, too."""
    blank = Finding(Check("", "wrong", (), lambda _: (), ("", ""), ("", "")), Found("files", 0, 0))
    types = {"count": pa.int64(), "of": pa.int64(), "share": pa.float64()}
    schema = pa.schema([(name, types.get(name, pa.string())) for name in row(blank, language)])
    return pa.Table.from_pylist([row(finding, language) for finding in health.findings], schema)
