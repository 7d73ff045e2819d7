"""Faults of files: rows that the import repairs or sets aside. check -> (files, count, examples)."""

_DEAL = (
    "opportunity_id,created_at,amount,currency,closed_at,outcome,stage,process,account_id,source,owner_id,"
    "expected_close"
)
_REST = "first,sales,A001,web,U1,2026-06-30"
_WON = _REST.replace("first", "gained")


def _deal(name: str, created: str = "2025-11-03T10:07:21+01:00", amount: str = "", currency: str = "EUR",
          closed: str = "", outcome: str = "", rest: str = _REST) -> str:  # fmt: skip
    return f'{name},"{created}","{amount}",{currency},{closed},{outcome},{rest}'


def _deals(*rows: str) -> dict[str, str]:
    return {"opportunities": "\n".join((_DEAL, *rows)) + "\n"}


FILES: dict[str, tuple[dict[str, str], int, tuple[str, ...]]] = {
    "repeated_rows": (_deals(_deal("X1"), _deal("X1"), _deal("X2")), 1, ("opportunities.csv:3",)),
    "conflicting_rows": (_deals(_deal("X1"), _deal("X1", amount="99")), 1, ("opportunities.csv:3",)),
    "spreadsheet_dates": (
        _deals(_deal("X1"), _deal("X2", "45964.42"), _deal("X3", "45965.42")), 2,
        ("opportunities.csv:3", "opportunities.csv:4"),
    ),
    "unread_dates": (_deals(_deal("X1"), _deal("X2", "31/02/2025")), 1, ("opportunities.csv:3",)),
    "ambiguous_dates": (_deals(_deal("X1"), _deal("X2", "03/11/2025 10:08")), 1, ("opportunities.csv:3",)),
    "negative_numbers": (_deals(_deal("X1"), _deal("X2", amount="-5")), 1, ("opportunities.csv:3",)),
    "unread_numbers": (_deals(_deal("X1"), _deal("X2", amount="a lot")), 1, ("opportunities.csv:3",)),
    "number_style": (_deals(_deal("X1"), _deal("X2", amount="1234,5")), 1, ("opportunities.csv:3",)),
    "unknown_words": (_deals(_deal("X1"), _deal("X2", outcome="maybe")), 1, ("opportunities.csv:3",)),
    "unread_currencies": (_deals(_deal("X1"), _deal("X2", currency="shells")), 1, ("opportunities.csv:3",)),
    "missing_values": (_deals(_deal("X1"), _deal("X2", created="")), 1, ("opportunities.csv:3",)),
    "damaged_rows": (_deals(_deal("X1"), "X2,too,few"), 1, ("opportunities.csv:3",)),
    "other_encoding": (
        _deals(_deal("X1"), _deal("X2", rest=_REST.replace("web", "sal\udce9"))), 1, ("opportunities.csv:3",),
    ),
    "unknown_columns": ({"owners": "owner_id,equipe\nU1,south\n"}, 1, ("owners.csv:1",)),
    "outcome_from_stage": (
        _deals(_deal("X1"), _deal("X2", amount="9", closed="2025-11-03T18:00:03+01:00", rest=_WON)), 1,
        ("opportunities.csv:3",),
    ),
    "other_repairs": (_deals(_deal("X1"), _deal(" X2 ")), 1, ("opportunities.csv:3",)),
    "file_refused": ({"owners": "name,team\nZoe,north\n"}, 1, ("owners.csv",)),
}  # fmt: skip
