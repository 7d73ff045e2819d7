"""Pages that follow from the code: `python -m docs.generate` writes them, a test fails when they are stale."""

import re
from pathlib import Path

from features.catalog import CATALOG, FAMILIES
from features.crm.health.table import THEMES
from features.crm.schema import NEVER, TABLES, TRACKED
from serving.settings import ServiceSettings

HERE = Path(__file__).parent


FEATURES = """# Features

What a model may know of a record at an instant, one row each in `features/catalog.py`. Only what was known before the
instant counts; a window of w days is `[t - w, t)`. Accepted custom fields become features named `custom:FIELD`.
"""

CANONICAL = """# The canonical history

A folder of CSV or Parquet files named after these tables. Times are ISO 8601 with offset, money is a decimal number in
the row's `currency`, probabilities are 0 to 1, empty means unknown. A date alone is understood in
`PLUMBLINE_TIMEZONE`: a creation counts from the start of that day, anything else from its end. Other columns are kept
as custom fields. **Bold** identifies a row, * is required. Values marked `changes` are read through the `changes`
table; those marked `never` tell of the outcome and are never features.
"""

HEALTH = """# Data health

What `plumbline check` looks for, one row each in `features/crm/health/`. *Wrong* cannot be so; *suspect* can, but
rarely is; *worth knowing* limits what a model can learn. Each line of its answer counts the rows, names three of them
and says what to do; words in italics stand for what it found. A check that rests on a statistical test says here what
it supposes of healthy data, and how often it is wrong of them.
"""

SETTINGS = """# Settings

Read from the environment; a command's option of the same name comes first.

| variable | default | what it sets |
|---|---|---|
"""


def features() -> str:
    """Every catalogue row, by family."""
    parts = [FEATURES]
    for family, (english, french) in FAMILIES.items():
        rows = [row for row in CATALOG if row.family == family]
        if rows:
            parts.append(
                f"\n## {english} ({french})\n\n| feature | of | unit | missing means | says |\n|---|---|---|---|---|\n"
            )
        for row in rows:
            says = " · ".join(sentence.replace("|", " / ") for sentence in (row.says_en, row.says_fr))
            parts.append(f"| `{row.name}` | {', '.join(row.kinds)} | {row.unit or 'word'} | {row.missing} | {says} |\n")
    return "".join(parts)


def canonical() -> str:
    """Every canonical table."""
    parts = [CANONICAL]
    for table in TABLES.values():
        parts.append(f"\n## {table.name}\n\n| column | type | words | known |\n|---|---|---|---|\n")
        for column in table.columns:
            name = f"**{column.name}**" if column.name in table.key else column.name
            known = "never" if column.name in NEVER else "changes" if table.entity and column.name in TRACKED else ""
            star = "\\*" if column.required else ""
            parts.append(f"| {name}{star} | {column.type} | {', '.join(column.words)} | {known} |\n")
    return "".join(parts)


def health() -> str:
    """Every check of the data, by theme."""
    parts = [HEALTH]
    for (english, french), checks in THEMES.values():
        parts.append(
            f"\n## {english} ({french})\n\n| check | severity | what is found | what to do |\n|---|---|---|---|\n"
        )
        for check in checks:
            says = re.sub(r"{(\w+)}", r"*\1*", " · ".join(check.says))
            advice = " · ".join(check.advice)
            test = f" *{check.test[0].upper()}{check.test[1:]}.*" if check.test else ""
            parts.append(f"| `{check.name}` | {check.severity} | {says}.{test} | {advice} |\n")
    return "".join(parts)


def settings() -> str:
    """Every setting of the service; the first ones are those of every command."""
    fields = ServiceSettings.model_fields.items()
    shown = (
        (name.upper(), "" if field.default is None else field.default, field.description) for name, field in fields
    )
    return SETTINGS + "".join(f"| `PLUMBLINE_{name}` | {default} | {says} |\n" for name, default, says in shown)


PAGES = {"features.md": features, "canonical.md": canonical, "health.md": health, "settings.md": settings}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
