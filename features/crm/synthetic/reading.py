"""Laws from TOML files: shipped ones by name, others by path, each perhaps extending another.

A file may state only what differs from another law (`extends = "french_sme"`): tables are merged, lists replaced.

>>> law = load_law("drift")
>>> law.drift.level, law.months, sorted(law.processes)
(-0.9, 30, ["appels d'offres", 'entreprises', 'particuliers'])
"""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from features.crm.synthetic.law import Law

DEFAULT = "french_sme"
SHIPPED = (DEFAULT, "latent_owners", "drift", "never_closed", "no_history")


class LawError(ValueError):
    """A law that cannot be used; the message names every key at fault and what is allowed there."""


def load_law(source: str | Path = DEFAULT) -> Law:
    """The law of a shipped name (`SHIPPED`) or of a TOML file; `LawError` names every key at fault."""
    try:
        return Law.model_validate(_read(source, ()))
    except ValidationError as error:
        raise LawError(f"{source}:\n" + "\n".join(_problem(item) for item in error.errors())) from None


def _problem(item: Any) -> str:
    where = ".".join(str(part) for part in item["loc"])
    said = "" if item["type"] == "missing" else f" (it is {item['input']!r})"
    return f"  {where}: {item['msg']}{said}"


def _read(source: str | Path, seen: tuple[str, ...]) -> dict[str, Any]:
    if str(source) in seen:
        raise LawError(f"{source}: extends itself through {', '.join(seen)}")
    try:
        table = tomllib.loads(_text(source))
    except tomllib.TOMLDecodeError as error:
        raise LawError(f"{source}: not TOML: {error}") from None
    base = table.pop("extends", None)
    return table if base is None else _merged(_read(_beside(source, base), (*seen, str(source))), table)


def _text(source: str | Path) -> str:
    if str(source) in SHIPPED:
        return files(__package__).joinpath(f"{source}.toml").read_text("utf-8")
    try:
        return Path(source).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LawError(f"{source}: neither a readable UTF-8 file nor one of {', '.join(SHIPPED)} ({error})") from None


def _beside(source: str | Path, base: object) -> str | Path:
    if not isinstance(base, str):
        raise LawError(f"{source}: extends must be a name or a file, it is {base!r}")
    return base if base in SHIPPED else Path(source).parent / base


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(base.get(key), dict)
        merged[key] = _merged(base[key], value) if both else value
    return merged
