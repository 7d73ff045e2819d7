"""Custom fields: what each would add, whether it tells the outcome before its time, and which ones a model may use."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo

import typer

from commands.asking import AsJson, AsOf, Language, StoreUrl, empty, instant, opened, shown, warn_unfinished

if TYPE_CHECKING:
    from features.crm.fields import CustomField
    from features.crm.store import Store
    from features.settings import Settings
    from training.leaks.result import Row, Scan

Judged = dict[tuple[str, str], "Row"]

fields_app = typer.Typer(
    no_args_is_help=True, help="Custom fields: which a model may use, and from when they are known."
)


@fields_app.command("list")
def fields_list(
    scan: Annotated[bool, typer.Option("--scan/--no-scan", help="Scan first where the data has changed.")] = True,
    language: Language = "en",
    as_json: AsJson = False,
    store: StoreUrl = "",
) -> None:
    """Custom fields by verdict of the leak scan and expected gain, with the evidence. Instant while the data stays."""
    from training.leaks.result import last

    settings, kept = opened(store)
    warn_unfinished(kept, language)
    _show(kept, settings, _scanned(kept, settings) if scan else last(kept), language, as_json=as_json)


@fields_app.command("scan")
def fields_scan(as_of: AsOf = "", language: Language = "en", as_json: AsJson = False, store: StoreUrl = "") -> None:
    """Scan every field anew and list what was found; `fields accept` rests on it unless it is as of another instant."""
    settings, kept = opened(store)
    warn_unfinished(kept, language)
    found = _made(kept, settings, instant(as_of, settings), keep=not as_of)
    _show(kept, settings, found, language, as_json=as_json, trial=bool(as_of))


@fields_app.command("set")
def fields_set(
    entity: Annotated[str, typer.Argument(help="lead, opportunity, account or contact; or ENTITY.FIELD.")],
    known_at: Annotated[Literal["creation", "changes", "never"], typer.Option(help="From when its value is known.")],
    field: Annotated[str, typer.Argument(help="The field, where it is not in the first word.")] = "",
    sort: Annotated[
        Literal["number", "category", "text", "date", "flag"] | None,
        typer.Option("--type", help="How its values are read; default as `fields list` shows."),
    ] = None,
    store: StoreUrl = "",
) -> None:
    """Say of one custom field from when it is known, or that it may never be used."""
    from features.crm.fields import custom_fields, set_field
    from features.crm.shapes import visible

    settings, kept = opened(store)
    entity, field = (entity, field) if field else (entity.partition(".")[0], entity.partition(".")[2])
    types = {(one.entity, one.name): one.type for one in custom_fields(kept)}
    read_as = sort or types.get((entity, field), "category")
    set_field(kept, entity, field, known_at, read_as, seen_at=instant("", settings))
    typer.echo(visible(f"{entity} {field}: {known_at}, {read_as}"))


@fields_app.command("accept")
def fields_accept(
    names: Annotated[
        list[str] | None, typer.Argument(help="ENTITY.FIELD, or ENTITY.* for its proposed fields that pass.")
    ] = None,
    passed: Annotated[bool, typer.Option("--passed", help="Every proposed field that passes the leak scan.")] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also fields named here that leak, or that no scan could judge.")
    ] = False,
    store: StoreUrl = "",
) -> None:
    """Accept proposed custom fields, with the type their values show. In bulk, only those that pass the leak scan and
    may add something.
    """
    from commands.evidence import left_out
    from features.crm.fields import custom_fields, set_field
    from features.crm.shapes import visible

    settings, kept = opened(store)
    if says := empty(kept):
        raise ValueError(says)
    fields = {f"{field.entity}.{field.name}": field for field in custom_fields(kept)}
    proposed = {name: field for name, field in fields.items() if not field.known_at}
    _refuse_settled([fields[name] for name in names or [] if name in fields])
    bulk = _bulk([*(names or []), *(["*"] if passed else [])], proposed)
    named = {name: proposed[name] for name in names or [] if name in proposed}
    judged = _scanned(kept, settings).worst()
    _refuse([] if anyway else list(named.values()), judged)
    for name, field in (bulk | named).items():
        row = judged.get((field.entity, field.name))
        why = "" if name in named else left_out(field, row)
        if not why:
            known_at = row.known_at if row else "creation"
            set_field(kept, field.entity, field.name, known_at, field.type, seen_at=instant("", settings))
            typer.echo(visible(f"{name}: accepted, {known_at}, {field.type}{_warning(row)}"))
        else:
            typer.echo(visible(f"{name}: left out, {why}"))


def _bulk(names: Sequence[str], proposed: Mapping[str, "CustomField"]) -> "dict[str, CustomField]":
    """The proposed fields that patterns stand for. ValueError where a name or pattern stands for none."""
    found: dict[str, CustomField] = {}
    for name in names:
        matching = {known: field for known, field in proposed.items() if name in ("*", known, f"{field.entity}.*")}
        if not matching and name != "*":
            raise ValueError(f"{name!r} is no proposed field; `plumbline fields list` shows those there are")
        found |= matching
    if not names:
        raise ValueError("say which: ENTITY.FIELD, ENTITY.*, or --passed for all that pass")
    return found


def _refuse_settled(fields: "Sequence[CustomField]") -> None:
    """ValueError where a field named by hand is not proposed any more: nothing is accepted then."""
    for field in fields:
        name = f"{field.entity}.{field.name}"
        if field.known_at == "never":
            raise ValueError(
                f"{name} is never used, as somebody has said; "
                f"`plumbline fields set {field.entity} '{field.name}' --known-at creation` changes that"
            )
        if field.known_at:
            raise ValueError(f"{name} is accepted already ({field.known_at}, {field.type})")


def _refuse(fields: "Sequence[CustomField]", judged: Judged) -> None:
    """ValueError where a field named by hand leaks, or was not judged though outcomes are known: nothing is accepted
    then.
    """
    unjudged = [f"{field.entity}.{field.name}" for field in fields if _missed(field, judged)]
    if unjudged:
        raise ValueError(
            f"{', '.join(unjudged)}: no scan judged it, though outcomes are known. --anyway accepts it all the same"
        )
    leaking = [
        f"{row.entity}.{row.name} leaks ({row.says['en'][0]})"
        for field in fields
        if (row := judged.get((field.entity, field.name))) and row.verdict == "leaks"
    ]
    if leaking:
        raise ValueError(
            "; ".join(leaking)
            + ". A model would lean on what no new record has, and its probabilities would be wrong on "
            "every one of them. --anyway accepts it all the same; `fields set ... --known-at never` settles it"
        )


def _missed(field: "CustomField", judged: Judged) -> bool:
    """Whether nothing judged a field of records whose outcomes are known."""
    own = {"lead": "leads", "opportunity": "opportunities"}.get(field.entity)
    known = any(own in (None, row.kind) for row in judged.values())
    return known and (field.entity, field.name) not in judged


def _warning(row: "Row | None") -> str:
    """What accepting a field that does not pass may cost."""
    if row is None:
        return " although not judged: no scan says whether the outcome writes it"
    if row.verdict == "passes":
        return ""
    seems = f"alone it seems to reach AUC {row.figures['auc']:.2f}, none of which may exist when a record is scored"
    return f" although it {'leaks' if row.verdict == 'leaks' else 'needs your word'}: {seems}"


def _scanned(store: "Store", settings: "Settings") -> "Scan":
    """The scan kept with the store, made first where the data has changed since."""
    from training.leaks.result import last

    return last(store) or _made(store, settings, instant("", settings))


def _made(store: "Store", settings: "Settings", as_of: int, *, keep: bool = True) -> "Scan":
    from training.leaks.result import made

    with shown() as steps:
        return made(
            store, settings, as_of, lambda name, done, total: steps.count(name, done, total, "fields"), keep=keep
        )


def _show(
    store: "Store", settings: "Settings", scan: "Scan | None", language: Literal["en", "fr"], *, as_json: bool,
    trial: bool = False,
) -> None:  # fmt: skip
    """The fields, said to be as of another instant where the scan is a `trial`."""
    from commands.evidence import listed, scanned
    from features.crm.fields import custom_fields
    from features.crm.shapes import escaped

    as_of = _local(scan.as_of, settings) if scan else None
    fields, judged = custom_fields(store), scan.worst() if scan else {}
    if not as_json:
        head = scanned(as_of, language, trial=trial) if as_of and judged else ""
        typer.echo(empty(store, language) or head + listed(fields, judged, language))
        return
    rows = [
        asdict(field) | {"scan": asdict(row) if (row := judged.get((field.entity, field.name))) else None}
        for field in fields
    ]
    others = [asdict(row) for row in judged.values() if row.canonical]
    said = {"as_of": as_of.isoformat() if as_of else None, "fields": rows, "canonical": others}
    typer.echo(escaped(json.dumps(said, ensure_ascii=False)))


def _local(instant: int, settings: "Settings") -> datetime:
    return datetime.fromtimestamp(instant // 1_000_000, ZoneInfo(settings.timezone))
