"""The fields of a store with the evidence of the leak scan, as a person reads them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from commands.tables import aligned
from features.crm.shapes import visible

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
        "Leak: do not accept them, a model would lean on what no new record has",
        "Fuient : ne les acceptez pas, un modèle s'appuierait sur ce qu'aucun nouveau dossier n'a",
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
TYPES = {
    "number": "nombre", "category": "catégorie", "text": "texte", "date": "date", "flag": "oui ou non",
}  # fmt: skip
"""The types as French names them."""
SCANNED = ("Scanned as known on {day}.", "Examinés tels que connus le {day}.")
TRIAL = (
    "A trial: what `plumbline fields list` shows and `accept` rests on is a scan as of now.",
    "Un essai : ce que `plumbline fields list` montre, et sur quoi `accept` s'appuie, est un examen à ce jour.",
)
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
UNMEASURED = (
    "Gain -: not measured, where a field leaks or fewer than {few} records of either outcome are there to try it on.",
    "Gain - : non mesuré, là où un champ fuit ou si moins de {few} dossiers de l'une des issues permettent l'essai.",
)
PASSING = (
    "`plumbline fields accept --passed` accepts the one proposed that passes; name others one by one."
    "|`plumbline fields accept --passed` accepts the {count} proposed that pass; name others one by one.",
    "`plumbline fields accept --passed` accepte le seul proposé qui passe ; nommez les autres un à un."
    "|`plumbline fields accept --passed` accepte les {count} proposés qui passent ; nommez les autres un à un.",
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
    return _spaced("\n".join([*parts, *_advice(fields, judged, language)]).rstrip(), language)


def _spaced(text: str, language: Language) -> str:
    """French sets these signs off with a space that does not break."""
    if language == "fr":
        for sign, space in ((":", "\u00a0"), (";", "\u202f"), ("%", "\u202f")):
            text = text.replace(f" {sign}", f"{space}{sign}")
    return text


def scanned(as_of: datetime, language: Language, *, trial: bool) -> str:
    """The line above a list: as known when its fields were judged."""
    french = language == "fr"
    day = f"{as_of:%d/%m/%Y}" if french else f"{as_of:%Y-%m-%d}"
    said = [SCANNED[french].format(day=day), *([TRIAL[french]] if trial else [])]
    return _spaced(" ".join(said), language) + "\n\n"


def left_out(field: "CustomField", row: "Row | None") -> str:
    """Why a proposed field is not accepted in bulk; "" where it is."""
    if row is None:
        return "not judged: no outcome is known yet"
    if row.verdict != "passes":
        verdict = "it leaks" if row.verdict == "leaks" else "it needs your word (accept it by name)"
        return f"{verdict}: {row.says['en'][0]}"
    if field.constant:
        return "it is the same on every record: nothing can be learnt from it"
    if row.gain and row.gain["log_loss"] < -row.gain["error"]:
        figures = f"{row.gain['log_loss']:.3f} ± {row.gain['error']:.3f}"
        return f"on records it has not seen a quick model does worse with it (gain {figures}); accept it by name"
    return ""


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
        yield from (f"      {visible(said)}" for said in (row.says[language][:-1] if row else ()))


def _cells(field: "CustomField", row: "Row | None", language: Language) -> tuple[str, ...]:
    gain, french = row.gain if row else None, language == "fr"
    figures = (
        f"{round(gain['log_loss'], 3) + 0.0:.3f} ± {gain['error']:.3f}" if gain else "-",  # + 0.0: no minus zero
        f"{max(0.0, gain['share']):.0%}" if gain else "-",
        f"{field.filled:.0%}",
    )
    told, share, filled = (text.replace(".", ",").replace("%", "\u202f%") if french else text for text in figures)
    return (
        told, share, f"{field.entity}.{field.name}", STATES[field.known_at][french],
        TYPES[field.type] if french else field.type, filled, row.says[language][-1] if row else "",
    )  # fmt: skip


def _advice(fields: "Sequence[CustomField]", judged: Judged, language: Language) -> Iterator[str]:
    """How to read the gains, what to do next, and which accepted or canonical fields the scan speaks against."""
    french = language == "fr"
    rows = [judged.get((field.entity, field.name)) for field in fields]
    if any(row.gain for row in judged.values()):
        yield GAIN[french]
    if any(row and not row.gain for row in rows):
        from training.leaks.gain import FEWEST

        yield UNMEASURED[french].format(few=FEWEST)
    taken = sum(not (field.known_at or left_out(field, row)) for field, row in zip(fields, rows, strict=True))
    if taken:
        yield PASSING[french].split("|")[taken > 1].format(count=taken)
    for field in fields:
        if field.known_at not in ("", "never") and _verdict(field, judged) == "leaks":
            name = f"{field.entity}.{field.name}"
            yield visible(ACCEPTED[french].format(field=name, entity=field.entity, name=field.name))
    for row in judged.values():
        if row.verdict == "leaks" and row.canonical:
            yield visible(STANDARD[french].format(field=f"{row.entity}.{row.name}", why=row.says[language][0]))
