"""The canonical CRM tables: one `Table` each, the only place that names their columns.

A column's type says how it is kept: `id` and `text` as text, `time` as int64 microseconds UTC, `money` as int64 minor
units of the row's currency, `number` as float64. Columns a file has beyond these are custom fields.

>>> TABLES["leads"].key
('lead_id',)
>>> [column.name for column in TABLES["quotas"].columns if column.required]
['period', 'amount']
"""

from dataclasses import dataclass
from typing import Literal

Type = Literal["id", "text", "time", "money", "number"]


@dataclass(frozen=True, slots=True)
class Column:
    """One canonical column. `words` closes the vocabulary; `start` makes a date alone mean the start of its day."""

    name: str
    type: Type = "text"
    required: bool = False
    words: tuple[str, ...] = ()
    start: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One canonical table: its file name, the columns that identify a row, and the entity its rows are (if any)."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    entity: str = ""

    def column(self, name: str) -> Column | None:
        """The canonical column of that name; None for a custom field."""
        return next((column for column in self.columns if column.name == name), None)


KINDS = ("email", "call", "sms", "chat", "meeting", "quote", "note", "task", "web_visit", "form", "document", "event")

RESULTS = (
    "sent", "delivered", "opened", "clicked", "replied", "bounced", "unsubscribed", "answered", "missed", "held",
    "cancelled", "accepted", "rejected",
)  # fmt: skip
"""What became of an activity, in canonical words; a CRM may write its own beside them."""

TRACKED = frozenset(
    {"stage", "status", "outcome", "expected_close", "own_probability", "amount", "recurring_amount", "owner_id"}
)
"""The fields a CRM overwrites as a record is worked: read through `changes`."""

NEVER = frozenset({
    "closed_at", "outcome", "loss_reason", "loss_comment", "competitor", "converted_at", "disqualified_at",
    "disqualified_reason", "deleted_at", "merged_into", "url",
})  # fmt: skip
"""The fields that speak of the outcome (or only link back to the CRM): never features."""


def _ids(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "id") for name in names)


def _texts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name) for name in names)


def _times(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "time") for name in names)


def _key(name: str) -> Column:
    return Column(name, "id", required=True)


_CREATED = Column("created_at", "time", start=True)
_BORN = Column("created_at", "time", required=True, start=True)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table("accounts", ("account_id",), (
            _key("account_id"), *_texts("name", "domain", "country", "region", "postal_code"),
            *_texts("industry", "industry_scheme"),
            Column("employees", "number"), Column("annual_revenue", "money"), Column("currency"),
            Column("company_number"), _CREATED, Column("url"),
        ), entity="account"),
        Table("contacts", ("contact_id",), (
            _key("contact_id"), *_ids("account_id"), *_texts("email", "phone", "title"), _CREATED,
        ), entity="contact"),
        Table("leads", ("lead_id",), (
            _key("lead_id"), _BORN, *_ids("account_id", "contact_id"),
            *_texts("company", "email", "phone", "title", "country", "source", "campaign", "process"),
            *_ids("owner_id"), Column("status"), *_times("converted_at"), *_ids("opportunity_id"),
            *_times("disqualified_at"), Column("disqualified_reason"), *_times("deleted_at"),
            *_ids("merged_into"), Column("url"),
        ), entity="lead"),
        Table("opportunities", ("opportunity_id",), (
            _key("opportunity_id"), _BORN, *_ids("account_id", "contact_id", "lead_id", "owner_id"),
            *_texts("process", "product", "name", "source"),
            Column("amount", "money"), Column("recurring_amount", "money"),
            *_texts("currency", "stage"), Column("expected_close", "time"), Column("own_probability", "number"),
            Column("closed_at", "time"), Column("outcome", words=("won", "lost")),
            *_texts("loss_reason", "loss_comment", "competitor"), *_times("deleted_at"),
            *_ids("merged_into"), Column("url"),
        ), entity="opportunity"),
        Table("changes", ("entity", "entity_id", "field", "occurred_at", "old", "new"), (
            Column("entity", required=True, words=("lead", "opportunity", "account", "contact", "owner")),
            _key("entity_id"), Column("field", required=True), *_texts("old", "new"),
            Column("occurred_at", "time", required=True), *_times("recorded_at"), Column("changed_by", "id"),
        )),
        Table("activities", ("activity_id",), (
            _key("activity_id"), Column("kind", required=True, words=KINDS), Column("direction", words=("in", "out")),
            *_ids("lead_id", "contact_id", "account_id", "opportunity_id", "owner_id"),
            Column("occurred_at", "time", required=True), *_times("recorded_at", "due_at", "done_at"),
            Column("duration_s", "number"), Column("outcome"),
        )),
        Table("roles", ("opportunity_id", "contact_id", "role"), (
            _key("opportunity_id"), _key("contact_id"),
            Column("role", required=True, words=("decides", "influences", "uses", "buys", "blocks")),
        )),
        Table("owners", ("owner_id",), (
            _key("owner_id"), *_texts("name", "team"), *_ids("manager_id"),
            Column("active_from", "time", start=True), Column("active_until", "time"),
        ), entity="owner"),
        Table("quotas", ("period", "owner_id", "team", "process"), (
            Column("period", required=True), Column("amount", "money", required=True), Column("currency"),
            *_ids("owner_id"), *_texts("team", "process"),
        )),
        Table("stages", ("process", "stage"), (
            Column("process", required=True), Column("stage", required=True),
            Column("position", "number", required=True),
            Column("kind", words=("open", "won", "lost", "dormant")), Column("default_probability", "number"),
            Column("active_from", "time", start=True), Column("active_until", "time"), Column("replaces"),
        )),
        Table("calls", ("period", "made_at", "by", "owner_id", "team", "category"), (
            Column("period", required=True), Column("made_at", "time", required=True), _key("by"), *_ids("owner_id"),
            Column("team"), Column("category", words=("commit", "best_case", "pipeline")),
            Column("amount", "money", required=True), Column("currency"),
        )),
        Table("spend", ("period", "source", "campaign"), (
            Column("period", required=True), *_texts("source", "campaign"),
            Column("amount", "money", required=True), Column("currency"),
        )),
        Table("attributes", ("entity", "field"), (
            Column("entity", required=True, words=("lead", "opportunity", "account", "contact", "owner")),
            Column("field", required=True), Column("known_at", required=True, words=("creation", "changes", "never")),
            Column("type", words=("number", "category", "text", "date", "flag")), Column("label"),
        )),
    )
}  # fmt: skip
