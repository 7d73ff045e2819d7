"""What requests hold: a record to score with whatever is known of it, or rows of the history."""

from typing import TYPE_CHECKING, Self

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from features.crm.schema import TABLES
from serving.rows import ROWS, AccountRow, ActivityRow, ChangeRow, ContactRow, LeadRow, OpportunityRow

MOST_ROWS = 5_000
MOST_LINKED = 500


class ToScore(BaseModel):
    """A record to score, with whatever else is known of it."""

    model_config = ConfigDict(extra="forbid")

    account: AccountRow | None = Field(
        None, description="The company; its id may be left out where the record names it."
    )
    contact: ContactRow | None = Field(None, description="The person, likewise.")
    activities: list[ActivityRow] = Field([], max_length=MOST_LINKED, description="What happened, or is planned.")
    changes: list[ChangeRow] = Field([], max_length=MOST_LINKED, description="Fields that changed.")

    def linked(self) -> dict[str, list[dict[str, object]]]:
        """The rows given beside the record, by table."""
        people = {"accounts": [self.account], "contacts": [self.contact]}
        rows = people | {"activities": self.activities, "changes": self.changes}
        return {table: [row.given() for row in some if row is not None] for table, some in rows.items()}


LEAD_EXAMPLE: JsonDict = {
    "lead": {
        "lead_id": "L-2026-0001",
        "company": "Menuiserie Morel",
        "email": "claire.morel@menuiserie-morel.example",
        "phone": "+33 1 84 80 00 00",
        "title": "Directrice",
        "country": "FR",
        "source": "referral",
        "process": "business",
    },
    "activities": [{"kind": "form", "direction": "in"}],
}
DEAL_EXAMPLE: JsonDict = {
    "opportunity": {
        "opportunity_id": "O-2026-0001",
        "process": "business",
        "source": "referral",
        "stage": "qualification",
        "amount": 12400,
        "currency": "EUR",
    },
    "account": {
        "account_id": "A-17",
        "name": "Menuiserie Morel",
        "postal_code": "69003",
        "country": "FR",
        "employees": 18,
    },
    "activities": [{"kind": "meeting", "outcome": "held"}],
}


class LeadToScore(ToScore):
    """One lead and anything known of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [LEAD_EXAMPLE]})

    lead: LeadRow

    def record(self) -> dict[str, object]:
        """The lead's own fields."""
        return self.lead.given()


class OpportunityToScore(ToScore):
    """One opportunity and anything known of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [DEAL_EXAMPLE]})

    opportunity: OpportunityRow

    def record(self) -> dict[str, object]:
        """The opportunity's own fields."""
        return self.opportunity.given()


HISTORY_EXAMPLE: JsonDict = {
    "activities": [
        {
            "activity_id": "CALL-881", "kind": "call", "direction": "out", "opportunity_id": "O-2026-0001",
            "occurred_at": "2026-03-04T14:05:00+01:00", "duration_s": 340, "outcome": "answered",
        }
    ],
    "opportunities": [{"opportunity_id": "O-2026-0001", "stage": "offer"}],
}  # fmt: skip


class History(BaseModel):
    """Rows of any canonical tables, at most 5,000 together."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [HISTORY_EXAMPLE]})

    def rows(self) -> dict[str, list[dict[str, object]]]:
        """The rows given, by table."""
        return {name: [row.given() for row in getattr(self, name)] for name in TABLES if getattr(self, name)}

    @model_validator(mode="after")
    def _check_size(self) -> Self:
        if sum(len(getattr(self, name)) for name in TABLES) > MOST_ROWS:
            raise PydanticCustomError("rows", "must have at most {most} rows", {"most": MOST_ROWS})
        return self


if TYPE_CHECKING:
    HistoryRows = History
else:
    HistoryRows = create_model(
        "HistoryRows",
        __base__=History,
        __doc__=History.__doc__,
        **{name: (list[row], Field([], max_length=MOST_ROWS)) for name, row in ROWS.items()},
    )
