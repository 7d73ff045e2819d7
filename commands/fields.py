"""Custom fields: what each would add, whether it tells the outcome before its time, and which ones a model may use."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from commands.asking import AsJson, AsOf, StoreUrl, instant, opened, shown

if TYPE_CHECKING:
    from features.crm.fields import CustomField
    from features.crm.store import Store
    from features.settings import Settings
    from training.leaks.result import Row, Scan

Language = Annotated[Literal["en", "fr"], typer.Option(help="The language of the evidence.")]
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
    _show(kept, _scanned(kept, settings) if scan else last(kept), language, as_json=as_json)


@fields_app.command("scan")
def fields_scan(as_of: AsOf = "", language: Language = "en", as_json: AsJson = False, store: StoreUrl = "") -> None:
    """Scan every field anew, as if it were an instant, and list what was found."""
    settings, kept = opened(store)
    _show(kept, _made(kept, settings, instant(as_of, settings)), language, as_json=as_json)


@fields_app.command("set")
def fields_set(
    entity: str,
    field: str,
    known_at: Annotated[Literal["creation", "changes", "never"], typer.Option(help="From when its value is known.")],
    sort: Annotated[Literal["number", "category", "text", "date", "flag"], typer.Option("--type")] = "category",
    store: StoreUrl = "",
) -> None:
    """Say of one custom field from when it is known, or that it may never be used."""
    from features.crm.fields import set_field

    settings, kept = opened(store)
    set_field(kept, entity, field, known_at, sort, seen_at=instant("", settings))
    typer.echo(f"{entity} {field}: {known_at}, {sort}")


@fields_app.command("accept")
def fields_accept(
    names: Annotated[
        list[str] | None, typer.Argument(help="ENTITY.FIELD, or ENTITY.* for its proposed fields that pass.")
    ] = None,
    passed: Annotated[bool, typer.Option("--passed", help="Every proposed field that passes the leak scan.")] = False,
    anyway: Annotated[bool, typer.Option("--anyway", help="Also fields named here that leak.")] = False,
    store: StoreUrl = "",
) -> None:
    """Accept proposed custom fields, with the type their values show. In bulk, only those that pass the leak scan."""
    from features.crm.fields import custom_fields, set_field

    settings, kept = opened(store)
    proposed = {f"{field.entity}.{field.name}": field for field in custom_fields(kept) if not field.known_at}
    bulk = _bulk([*(names or []), *(["*"] if passed else [])], proposed)
    named = {name: proposed[name] for name in names or [] if name in proposed}
    judged = _scanned(kept, settings).worst()
    _refuse([] if anyway else list(named.values()), judged)
    for name, field in (bulk | named).items():
        row = judged.get((field.entity, field.name))
        if name in named or (row and row.verdict == "passes"):
            known_at = row.known_at if row else "creation"
            set_field(kept, field.entity, field.name, known_at, field.type, seen_at=instant("", settings))
            typer.echo(f"{name}: accepted, {known_at}, {field.type}{_warning(row)}")
        else:
            typer.echo(f"{name}: left out, {_verdict(row)}")


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


def _refuse(fields: "Sequence[CustomField]", judged: Judged) -> None:
    """ValueError where a field named by hand leaks: nothing is accepted then."""
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


def _verdict(row: "Row | None") -> str:
    if row is None:
        return "not judged: no outcome is known yet"
    return f"{'it leaks' if row.verdict == 'leaks' else 'it needs your word (accept it by name)'}: {row.says['en'][0]}"


def _warning(row: "Row | None") -> str:
    """What accepting a field that does not pass may cost."""
    if row is None or row.verdict == "passes":
        return ""
    seems = f"alone it seems to reach AUC {row.figures['auc']:.2f}, none of which may exist when a record is scored"
    return f" although {_verdict(row).partition(' (')[0].partition(':')[0]}: {seems}"


def _scanned(store: "Store", settings: "Settings") -> "Scan":
    """The scan kept with the store, made first where the data has changed since."""
    from training.leaks.result import last

    return last(store) or _made(store, settings, instant("", settings))


def _made(store: "Store", settings: "Settings", as_of: int) -> "Scan":
    from training.leaks.result import made

    with shown() as steps:
        return made(store, settings, as_of, lambda name, done, total: steps.count(name, done, total, "fields"))


def _show(store: "Store", scan: "Scan | None", language: Literal["en", "fr"], *, as_json: bool) -> None:
    from commands.evidence import listed
    from features.crm.fields import custom_fields

    fields, judged = custom_fields(store), scan.worst() if scan else {}
    if not as_json:
        typer.echo(listed(fields, judged, language))
        return
    rows = [
        asdict(field) | {"scan": asdict(row) if (row := judged.get((field.entity, field.name))) else None}
        for field in fields
    ]
    others = [asdict(row) for row in judged.values() if row.canonical]
    said = {"as_of": scan.as_of if scan else None, "fields": rows, "canonical": others}
    typer.echo(json.dumps(said, ensure_ascii=False))
