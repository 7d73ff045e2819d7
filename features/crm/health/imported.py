"""What imports repaired, set aside or could not read: counted from what they kept, never judged anew."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from features.crm.health.check import Check, Example, Found, Severity
from features.crm.health.snapshot import EXAMPLES, Snapshot

MEASURED = frozenset(
    {"closed before created", "in the future", "closed without outcome", "outcome without close", "unknown reference"}
)
"""The rules whose rows stay in the store as they are: other checks find them there, with their ids."""

OF_FILES = frozenset({"unknown column", "duplicate column"})
"""The rules met by files, not by rows."""


@dataclass(slots=True)
class _Met:
    """How often one rule was met in a column of a table, and where first."""

    repaired: int = 0
    aside: int = 0
    lines: list[str] = field(default_factory=list)


def _last_files(snapshot: Snapshot, read: bool = True) -> Iterator[dict[str, Any]]:
    """The last report of each table of each source: of a file that was read, at least in part, or (not `read`) of any.

    Files of mended rows hold a few rows of the table: they say nothing of the others.
    """
    last = {
        (report.get("crm", ""), file["table"]): file
        for report in snapshot.imports
        for file in report["files"]
        if not file.get("mended") and (file["given"] or not file["error"] or not read)
    }
    yield from last.values()


def _met(snapshot: Snapshot, rules: frozenset[str], all_but: bool = False) -> Iterator[Found]:
    """The rows that met any of these rules (or any but these): those set aside still, and those repaired last."""
    met: dict[tuple[str, str], _Met] = {}
    given: dict[str, int] = {}
    for file in _last_files(snapshot):
        given[file["table"]] = given.get(file["table"], 0) + int(file["given"])
        for problem in file["problems"]:
            if (problem["rule"] in rules) != all_but and problem["outcome"] != "quarantined":
                entry = met.setdefault((file["table"], problem["column"]), _Met())
                entry.repaired += int(problem["count"])
                entry.lines += [f"{file['file']}:{line}" for line in problem["lines"]]
    for row in snapshot.quarantined:
        if (row.rule in rules) != all_but:
            entry = met.setdefault((row.table, row.column), _Met())
            entry.aside += 1
            entry.lines.append(f"{row.file}:{row.line}")
    for (table, column), entry in met.items():
        examples = tuple(Example(line) for line in dict.fromkeys(entry.lines[:EXAMPLES]))
        count = entry.repaired + entry.aside
        of = given.get(table, 0) if count <= given.get(table, 0) else 0
        of_file = bool(rules & OF_FILES) and not all_but
        yield Found(
            "files" if of_file else table,
            count,
            0 if of_file else of,
            examples,
            {"column": column or "-", "aside": entry.aside},
        )


def _refused(snapshot: Snapshot) -> Iterator[Found]:
    """The files of the last imports that could not be read, wholly or to the end."""
    for file in _last_files(snapshot, read=False):
        if file["error"]:
            yield Found("files", 1, 0, (Example(file["file"]),), {"why": file["error"]})


def _rule(
    name: str, severity: Severity, rules: tuple[str, ...], says: tuple[str, str], advice: tuple[str, str]
) -> Check:
    finds: Callable[[Snapshot], Iterator[Found]] = partial(_met, rules=frozenset(rules))
    return Check(name, severity, (), finds, says, advice)


_AGAIN = (
    "Correct them in the CRM and import again, or mend the rows set aside: `plumbline quarantine --out FOLDER`.",
    "Corrigez dans le CRM et réimportez, ou ici les lignes mises de côté : `plumbline quarantine --out DOSSIER`.",
)
_EXPORT = (
    "Nothing is lost; to be sure of the reading, change the export: ISO dates with their offset, plain numbers.",
    "Rien n'est perdu ; pour être sûr de la lecture, réglez l'export : dates ISO avec leur décalage, nombres simples.",
)

CLAIMED: dict[str, tuple[Severity, tuple[str, ...], tuple[str, str], tuple[str, str]]] = {
    "repeated_rows": (
        "worth knowing", ("duplicate row",),
        ("the same row twice in the file, counted once", "même ligne deux fois dans le fichier, comptée une fois"),
        ("Check the export for a join that repeats rows.", "Cherchez une jointure qui répète les lignes."),
    ),
    "conflicting_rows": (
        "wrong", ("conflicting row",),
        ("the same id with other values, set aside", "même identifiant avec d'autres valeurs, mis de côté"),
        ("Export one row per record, then import again.", "Exportez une ligne par enregistrement, puis réimportez."),
    ),
    "spreadsheet_dates": (
        "suspect", ("spreadsheet date",),
        ("{column} is a day number as spreadsheets count them, read as a date",
         "{column} est un numéro de jour de tableur, lu comme une date"),
        ("Format the column as text in ISO dates before saving the sheet; check three of them against the CRM.",
         "Mettez la colonne au format date ISO avant d'enregistrer la feuille ; vérifiez-en trois dans le CRM."),
    ),
    "unread_dates": (
        "wrong", ("not a date", "year out of range"),
        ("{column} cannot be read as a date ({aside}, the others read as unknown)",
         "{column} illisible comme date ({aside}, le reste lu comme inconnu)"), _AGAIN,
    ),
    "ambiguous_dates": (
        "worth knowing", ("day/month/year", "year/month/day", "no offset", "unix time"),
        ("{column} is not ISO 8601 with an offset: read day before month, in the configured time zone",
         "{column} n'est pas en ISO 8601 avec décalage : lu jour avant mois, dans le fuseau réglé"), _EXPORT,
    ),
    "negative_numbers": (
        "wrong", ("negative",),
        ("{column} is below zero, read as unknown", "{column} est négatif, lu comme inconnu"),
        ("Correct the sign in the CRM; a credit note is no opportunity.",
         "Corrigez le signe dans le CRM ; un avoir n'est pas une affaire."),
    ),
    "unread_numbers": (
        "wrong", ("not a number", "not finite", "too large", "out of range", "implausible"),
        ("{column} cannot be read as a number ({aside}, the others read as unknown)",
         "{column} illisible comme nombre ({aside}, le reste lu comme inconnu)"), _AGAIN,
    ),
    "number_style": (
        "worth knowing", ("decimal comma", "thousands separator", "sign or spaces", "percent", "rounded"),
        ("{column} has a comma, separator, sign or percentage that was read its usual way",
         "{column} porte une virgule, un séparateur, un symbole ou un pourcentage, lu de la façon usuelle"), _EXPORT,
    ),
    "unknown_words": (
        "wrong", ("unknown word", "not a period"),
        ("{column} is a word outside its list ({aside}, the others read as unknown)",
         "{column} est un mot hors de sa liste ({aside}, le reste lu comme inconnu)"),
        ("Have the export use the words of docs/canonical.md, then import again.",
         "Faites écrire à l'export les mots de docs/canonical.md, puis réimportez."),
    ),
    "unread_currencies": (
        "wrong", ("unknown currency",),
        ("{column} is no currency, so that no amount can be told ({aside})",
         "{column} n'est pas une devise : aucun montant lisible ({aside})"), _AGAIN,
    ),
    "missing_values": (
        "wrong", ("missing", "id too long", "id of another source"),
        ("{column} is required and missing, too long, or taken by another source ({aside})",
         "{column} est obligatoire et manque, est trop long ou pris par une autre source ({aside})"),
        _AGAIN,
    ),
    "damaged_rows": (
        "wrong", ("wrong number of cells", "stray quote", "open quote", "line too long", "null character",
                  "character"),
        ("broken in the file: cells, quotes or characters ({aside})",
         "ligne{s} abîmée{s} dans le fichier : cellules, guillemets ou caractères ({aside})"),
        ("Export again as UTF-8 CSV with every text in quotes, or as Parquet.",
         "Exportez de nouveau en CSV UTF-8, textes entre guillemets, ou en Parquet."),
    ),
    "other_encoding": (
        "worth knowing", ("encoding",),
        ("written in Windows-1252, not in UTF-8, and read so",
         "ligne{s} en Windows-1252, non en UTF-8, et lue{s} ainsi"),
        ("Nothing is lost if accents read well in three of them; else export as UTF-8.",
         "Rien n'est perdu si les accents de trois d'entre elles sont justes ; sinon exportez en UTF-8."),
    ),
    "unknown_columns": (
        "suspect", tuple(OF_FILES),
        ("{column} may be one of our columns under another name, or comes twice; kept as a custom field",
         "{column} est peut-être une colonne à nous sous un autre nom, ou vient deux fois ; gardée en champ libre"),
        ("Rename it in the export if it holds that; otherwise leave it.",
         "Renommez-la dans l'export si c'en est une ; sinon laissez-la."),
    ),
    "outcome_from_stage": (
        "suspect", ("outcome from stage",),
        ("closed without an outcome, taken from the stage", "close{s} sans issue, issue déduite de l'étape"),
        ("Export the outcome (won, lost) itself.", "Exportez l'issue elle-même (won, lost)."),
    ),
}  # fmt: skip
"""The rules of `features.crm.rules` that each class counts: name -> (severity, rules, says, advice)."""

_ALL = MEASURED.union(*(rules for _, rules, _, _ in CLAIMED.values()))

CHECKS = (
    *(_rule(name, severity, rules, says, advice) for name, (severity, rules, says, advice) in CLAIMED.items()),
    Check(
        "other_repairs", "worth knowing", (), partial(_met, rules=_ALL, all_but=True),
        ("{column} was repaired in passing: spaces, empty words, spelling of words, older rows",
         "{column} a été corrigé au passage : espaces, mots vides, orthographe des mots, lignes plus anciennes"),
        ("Nothing to do; the last import's report names each.", "Rien à faire ; le rapport d'import nomme chacun."),
    ),
    Check(
        "file_refused", "wrong", (), _refused,
        ("refused: {why}", "non importé, pour la raison (en anglais) : {why}"),
        ("Mend the file as it says, then import it again.", "Corrigez le fichier comme indiqué, puis réimportez-le."),
    ),
)  # fmt: skip
