"""The fields of a store with the evidence of the leak scan, as a person reads them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from commands.tables import aligned

if TYPE_CHECKING:
    from features.crm.fields import CustomField
    from training.leaks.result import Row

Judged = Mapping[tuple[str, str], "Row"]
Language = Literal["en", "fr"]

HEADS = {
    "passes": ("Pass: nothing says that the outcome wrote them", "Passent : rien ne dit que l'issue les a écrits"),
    "suspect": (
        "Need your word: accept one by name once you know how it is filled",
        "À vous de dire : à accepter par leur nom, une fois su comment ils sont remplis",
    ),
    "leaks": (
        "Leak: never proposed, for a model would lean on what no new record has",
        "Fuient : jamais proposés, un modèle s'appuierait sur ce qu'aucun nouveau dossier n'a",
    ),
    "": ("Not judged: no outcome to judge by yet", "Non jugés : encore aucune issue pour en juger"),
}
COLUMNS = {
    "en": ("gain", "saves", "field", "state", "type", "filled", "evidence"),
    "fr": ("gain", "épargne", "champ", "état", "type", "rempli", "indices"),
}
STATES = {
    "": ("proposed", "proposé"), "never": ("never", "jamais"), "creation": ("accepted", "accepté"),
    "changes": ("accepted, read through its changes", "accepté, lu dans ses changements"),
}  # fmt: skip
NOTHING = (
    "No custom field: every column of the history is a canonical one.",
    "Aucun champ personnalisé : toutes les colonnes de l'historique sont canoniques.",
)
GAIN = (
    "Gain: log loss a quick model saves per record with the field, ± standard error over folds; saves: that as a share "
    "of what the standard features leave uncertain.",
    "Gain : perte logarithmique qu'un modèle rapide épargne par dossier avec le champ, ± erreur type entre plis ; "
    "épargne : la même en part de ce que les variables standard laissent incertain.",
)
PASSING = (
    "`plumbline fields accept --passed` accepts the {count} proposed that pass; name others one by one.",
    "`plumbline fields accept --passed` accepte les {count} proposés qui passent ; nommez les autres un à un.",
)
ACCEPTED = (
    "{field} is accepted and leaks: `plumbline fields set {entity} '{name}' --known-at never`",
    "{field} est accepté et fuit : `plumbline fields set {entity} '{name}' --known-at never`",
)
STANDARD = (
    "{field}, a standard column, leaks ({why}): train --without its features",
    "{field}, colonne standard, fuit ({why}) : entraînez avec --without ses variables",
)


def listed(fields: "Sequence[CustomField]", judged: Judged, language: Language) -> str:
    """Every field under its verdict, the most gain first, then what to do next."""
    french = language == "fr"
    parts = [] if fields else [NOTHING[french]]
    for verdict, head in HEADS.items():
        chosen = [field for field in fields if _verdict(field, judged) == verdict]
        if chosen:
            parts += [head[french], *_section(chosen, judged, language), ""]
    return "\n".join([*parts, *_advice(fields, judged, language)]).rstrip()


def _verdict(field: "CustomField", judged: Judged) -> str:
    row = judged.get((field.entity, field.name))
    return row.verdict if row else ""


def _section(fields: "Sequence[CustomField]", judged: Judged, language: Language) -> Iterator[str]:
    """A table of fields, what speaks against each below it."""
    rows = [(field, judged.get((field.entity, field.name))) for field in fields]
    rows.sort(key=lambda pair: -pair[1].gain["log_loss"] if pair[1] and pair[1].gain else 0.0)
    lines = aligned(COLUMNS[language], [_cells(field, row, language) for field, row in rows]).split("\n")
    yield f"  {lines[0]}"
    for (_, row), line in zip(rows, lines[1:], strict=True):
        yield f"  {line}"
        yield from (f"      {said}" for said in (row.says[language][:-1] if row else ()))


def _cells(field: "CustomField", row: "Row | None", language: Language) -> tuple[str, ...]:
    gain = row.gain if row else None
    return (
        f"{round(gain['log_loss'], 3) + 0.0:.3f} ± {gain['error']:.3f}" if gain else "-",  # + 0.0: no minus zero
        f"{max(gain['share'], 0.0):.0%}" if gain else "-",
        f"{field.entity}.{field.name}", STATES[field.known_at][language == "fr"], field.type, f"{field.filled:.0%}",
        row.says[language][-1] if row else "",
    )  # fmt: skip


def _advice(fields: "Sequence[CustomField]", judged: Judged, language: Language) -> Iterator[str]:
    """How to read the gains, what to do next, and which accepted or canonical fields the scan speaks against."""
    french = language == "fr"
    if any(row.gain for row in judged.values()):
        yield GAIN[french]
    passing = [field for field in fields if not field.known_at and _verdict(field, judged) == "passes"]
    if passing:
        yield PASSING[french].format(count=len(passing))
    for field in fields:
        if field.known_at not in ("", "never") and _verdict(field, judged) == "leaks":
            name = f"{field.entity}.{field.name}"
            yield ACCEPTED[french].format(field=name, entity=field.entity, name=field.name)
    for row in judged.values():
        if row.verdict == "leaks" and row.canonical:
            yield STANDARD[french].format(field=f"{row.entity}.{row.name}", why=row.says[language][0])
