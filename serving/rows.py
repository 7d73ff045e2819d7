"""What requests hold: one model a canonical table, made from its columns, so that a column is named in one place only.

Types are strict (a number is not text, true is not a number); what a text may say is held against the rules of imports.
A field no table knows is a custom field: one plain value.
"""

from typing import TYPE_CHECKING, Annotated, Any, cast

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    WithJsonSchema,
    create_model,
    model_validator,
)
from pydantic_core import PydanticCustomError

from features.crm.schema import TABLES, Column, Table

LONGEST = 4_000
"""Characters of one text."""


def _text(value: object) -> object:
    if value is not None and not isinstance(value, str):
        raise PydanticCustomError("text", "must be text")
    if isinstance(value, str) and len(value) > LONGEST:
        raise PydanticCustomError("text", "must have at most {longest} characters", {"longest": LONGEST})
    return value


def _id(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(value)


def _number(value: object) -> object:
    """A number, or text: amounts are often sent as text so that they stay exact."""
    if isinstance(value, bool) or not (value is None or isinstance(value, int | float | str)):
        raise PydanticCustomError("number", "must be a number")
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        raise PydanticCustomError("number", "must be a finite number")
    return _text(value) if isinstance(value, str) else value


def _plain(value: object) -> object:
    if isinstance(value, dict | list):
        raise PydanticCustomError("plain", "must be one plain value: text, a number, true, false or null")
    return _number(value) if isinstance(value, float) else _text(value) if isinstance(value, str) else value


def _schema(*types: str) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [*({"type": name} for name in types), {"type": "null"}]})


_TYPES: dict[str, Any] = {
    "id": Annotated[str | None, BeforeValidator(_id), _schema("string", "integer")],
    "text": Annotated[str | None, BeforeValidator(_text), _schema("string")],
    "time": Annotated[str | None, BeforeValidator(_text), _schema("string")],
    "money": Annotated[float | int | str | None, BeforeValidator(_number), _schema("number", "string")],
    "number": Annotated[float | int | str | None, BeforeValidator(_number), _schema("number", "string")],
}
_SAYS = {
    "time": "ISO 8601 with offset; a date alone is understood in the configured time zone",
    "money": "in units of `currency`",
    "id": "",
    "text": "",
    "number": "",
}
Plain = Annotated[
    str | int | float | StrictBool | None, BeforeValidator(_plain), _schema("string", "number", "boolean")
]


class Record(BaseModel):
    """One row as given: canonical fields and custom ones; a field not given is left as it is, null empties it."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Plain] = Field(init=False)

    def given(self) -> dict[str, object]:
        """The fields that were given, custom ones too."""
        return {name: value for name, value in self if name in self.model_fields_set}

    @model_validator(mode="before")
    @classmethod
    def _check_names(cls, value: object) -> object:
        if isinstance(value, dict) and any(len(str(name)) > 200 for name in value):
            raise PydanticCustomError("name", "must have field names of at most 200 characters")
        return value


def _field(column: Column, key: bool) -> Any:
    kind = _TYPES[column.type]
    parts = (_SAYS[column.type], f"one of {', '.join(column.words)}" if column.words else "")
    says = "; ".join(part for part in parts if part) or None
    return (kind, Field(..., description=says)) if key else (kind, Field(None, description=says))


def _model(table: Table, *keys: str, suffix: str = "Row") -> type[Record]:
    """The model of a table's rows, in which only `keys` must be given."""
    fields = {column.name: _field(column, column.name in keys) for column in table.columns}
    made = create_model(f"{table.name.capitalize()}{suffix}", __base__=Record, **cast(Any, fields))
    made.__doc__ = f"One row of `{table.name}`."
    return made


def _needed(table: Table) -> tuple[str, ...]:
    """What a row must name: its id alone where it has one (the rest may be known), else every required column."""
    return table.key if len(table.key) == 1 else tuple(column.name for column in table.columns if column.required)


ROWS: dict[str, type[Record]] = {table.name: _model(table, *_needed(table)) for table in TABLES.values()}

if TYPE_CHECKING:  # the type checker cannot see models made from a table: to it they are plain records
    LeadRow = Record
    OpportunityRow = Record
    AccountRow = Record
    ContactRow = Record
    ActivityRow = Record
    ChangeRow = Record
else:
    LeadRow, OpportunityRow = ROWS["leads"], ROWS["opportunities"]
    AccountRow, ContactRow = _model(TABLES["accounts"], suffix="Given"), _model(TABLES["contacts"], suffix="Given")
    ActivityRow = _model(TABLES["activities"], "kind", suffix="Given")
    ChangeRow = _model(TABLES["changes"], "field", "occurred_at", suffix="Given")
