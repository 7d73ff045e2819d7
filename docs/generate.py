"""Pages that follow from the code: `python -m docs.generate` writes them, a test fails when they are stale."""

import re
from pathlib import Path

from features.catalog import CATALOG, FAMILIES, Feature, custom_features
from features.crm.health.table import THEMES
from features.crm.schema import NEVER, TABLES, TRACKED
from features.entity import Attribute
from serving.settings import ServiceSettings

HERE = Path(__file__).parent


FEATURES = """# Features

What a model may know of a record at an instant, one row each in `features/rows/`. Only what was known before the
instant counts; a window of w days is `[t - w, t)`. Amounts are in the reporting currency, at the last rate of the
European Central Bank published before the day. The rows of an accepted custom field follow its type (last section).
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
and says what to do; words in italics stand for what it found. Most checks speak of a single row; some, where one is
no wonder, only from the share or number given here. A check that rests on a statistical test says here what
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
    custom = [
        row
        for sort in ("number", "flag", "date", "category", "text")
        for row in custom_features(Attribute(sort.upper(), "creation", sort), "")
        if row.bucket == 0
    ]
    for family, (english, french) in FAMILIES.items():
        parts.append(
            f"\n## {english} ({french})\n\n| feature | of | unit | missing means | says |\n|---|---|---|---|---|\n"
        )
        parts += [_feature(row) for row in (*CATALOG, *custom) if row.family == family]
    return "".join(parts)


def _feature(row: Feature) -> str:
    says, missing = (
        " · ".join(sentence.replace("|", " / ") for sentence in both)
        for both in ((row.says_en, row.says_fr), (row.missing, row.missing_fr))
    )
    kinds = ", ".join(kind for kind in row.kinds if kind) or "leads, opportunities"
    return f"| `{row.name}` | {kinds} | {row.unit or 'word'} | {missing} | {says} |\n"


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
            f"\n## {english} ({french})\n\n| check | severity | speaks from | what is found | what to do |\n"
            "|---|---|---|---|---|\n"
        )
        for check in checks:
            says = re.sub(r"{(\w+)}", r"*\1*", " · ".join(check.says).replace("{s}", "s"))
            advice = " · ".join(check.advice)
            test = f" *{check.test[0].upper()}{check.test[1:]}.*" if check.test else ""
            above = check.above or "one"
            parts.append(f"| `{check.name}` | {check.severity} | {above} | {says}.{test} | {advice} |\n")
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
