"""The rules rows are held against: what each found, in words, and what to do about it. One row a rule."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """What was found and done (`says`), and what the person who exports can do (`advice`)."""

    says: str
    advice: str = "Nothing to do; correct it in the CRM if it matters."
    loses: bool = False
    """Whether a value that meets it is read as unknown, where it does not cost its row."""


_ISO = "Export times as ISO 8601 with their offset (2024-03-31T09:00:00+02:00)."
_POINT = "Export numbers plainly (1234.5), without signs, spaces or separators of thousands."
_WORD = "Use one of the words of the table's description, or have the export translate its own."
_LABEL = "Give each closed record closed_at and outcome (won or lost); until then it does not teach."

RULES: dict[str, Rule] = {
    # how the file is written
    "encoding": Rule("not UTF-8; read as Windows-1252", "Export as UTF-8."),
    "null character": Rule("holds null characters; left out"),
    "stray quote": Rule("a quote is not closed or not doubled; read as it stands", "Double every quote inside a cell."),
    "extra empty cells": Rule("ends with extra empty cells; left out"),
    "wrong number of cells": Rule(
        "has not as many cells as the header", "Quote cells that hold the separator or a line end."
    ),
    "open quote": Rule("a quote opens and is never closed", "Close it, or double every quote inside a cell."),
    "line too long": Rule(
        "a line too long to be a row; only its beginning is kept", "Check that every row ends with a line end."
    ),
    "row too long": Rule(
        "a row too long to be one; its long cells are not kept",
        "See what this column holds, and leave it out of the export where it is no plain value.",
    ),
    "duplicate column": Rule(
        "a column name that comes twice", "Take one of the two out of the export, or give it a name of its own."
    ),
    "unknown column": Rule(
        "a column that may be one of ours under another name",
        "Rename it if it holds that; else leave it: it is kept as a custom field.",
    ),
    "header": Rule(
        "a column name differs in case, spaces or underscores; read as the canonical one", "Rename it in the export."
    ),
    "blank row": Rule("every cell is empty; left out"),
    "spaces": Rule("spaces around a value; left out"),
    "empty word": Rule("a word that means empty (NULL, N/A...); read as empty", "Leave unknown cells empty."),
    "character": Rule("a character no text can hold; replaced"),
    # keys
    "missing": Rule("a required value is missing", "Fill it in the CRM or the export, then import again."),
    "id too long": Rule("an identifier of more than 200 characters", "Check that the right column was exported."),
    "id of another source": Rule(
        "an identifier that a record of another source has already (NAME:... is what --source NAME makes of its ids)",
        "Import these rows with the --source they come from, or leave its name out of their identifiers.",
    ),
    "duplicate row": Rule("the same row again; counted once"),
    "conflicting row": Rule(
        "the same key again with other values; the first row is kept",
        "Export one row a record, then import again.",
    ),
    # times
    "no offset": Rule("a time without offset; read in the configured time zone", _ISO),
    "day/month/year": Rule("a date written day/month/year; read so", _ISO),
    "year/month/day": Rule("a date not written in two digits and dashes; read year, month, day", _ISO),
    "spreadsheet date": Rule("a date as a spreadsheet counts days; read so", _ISO),
    "unix time": Rule("a time in Unix seconds or milliseconds; read so", _ISO),
    "not a date": Rule("not a date", _ISO, loses=True),
    "year out of range": Rule(
        "a year before 1900 or after 2199 stands for no date", "Leave unknown dates empty.", loses=True
    ),
    # numbers
    "decimal comma": Rule("a decimal comma; read so", _POINT),
    "thousands separator": Rule(
        "separators of thousands (12.500 too, in a column with decimal commas); read so", _POINT
    ),
    "sign or spaces": Rule("a currency sign or spaces in a number; left out", _POINT),
    "percent": Rule("a percentage; read as a share of 1", "Export probabilities from 0 to 1."),
    "rounded": Rule("more decimals than the currency has; rounded"),
    "not a number": Rule("not a number", _POINT, loses=True),
    "not finite": Rule("not a finite number", "Leave unknown numbers empty.", loses=True),
    "too large": Rule("an amount too large to be one", "Check that the right column was exported."),
    "negative": Rule("below zero", "Export amounts and durations as positive numbers.", loses=True),
    "out of range": Rule("a probability outside 0 to 1", "Export probabilities from 0 to 1.", loses=True),
    "implausible": Rule(
        "a number no record can have (a length over a year, over 100 million employees)",
        "Check that the right column was exported, in the right unit.",
        loses=True,
    ),
    "unknown currency": Rule("not a currency, so that no amount can be told", "Export the three-letter code (EUR)."),
    "currency": Rule("a currency not written as ISO 4217 does (EUR)", "Export the three-letter code."),
    # words
    "word": Rule("a word written otherwise; read as the canonical one", _WORD),
    "unknown word": Rule("a word outside the closed list", _WORD, loses=True),
    "period": Rule("a period written otherwise; read so", "Write 2026, 2026-H2, 2026-Q4, 2026-11 or 2026-W47."),
    "not a period": Rule("not a period", "Write 2026, 2026-H2, 2026-Q4, 2026-11 or 2026-W47.", loses=True),
    # records
    "outcome from stage": Rule("closed without an outcome; taken from its stage", _LABEL),
    "closed without outcome": Rule("closed without an outcome; kept, does not teach", _LABEL),
    "outcome without close": Rule("an outcome without closed_at; kept, known from its change or from now", _LABEL),
    "closed before created": Rule("closed or converted before it was created; kept, does not teach"),
    "merged without date": Rule(
        "names the record it was merged into but not when; unless a change tells, known from this import on",
        "Export deleted_at too, or the merge as a row of changes (field merged_into).",
    ),
    "in the future": Rule("later than this import; kept", "Check the clock and time zone of the export, or --seen-at."),
    "unknown reference": Rule(
        "names a record that is not here; the link is kept", "Import that table too, or mend its quarantined rows."
    ),
    "older": Rule("seen more recently already; left as it is", "Import the oldest export first."),
    "other file": Rule("not one of our tables; left alone", "Rename it if it holds one of them."),
    "empty file": Rule("holds no row", "Check the export, or take the file out of the folder."),
    "header missing": Rule("lacks a required column; nothing of it was imported"),
}
