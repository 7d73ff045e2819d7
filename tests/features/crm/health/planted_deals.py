"""Faults of outcomes, stages, links and owners: what is sown, and what must be found of it."""

from tests.crm_folder import DAY, Crm, seeded
from tests.features.crm.health.clean import BEGIN, HOUR, UNTIL
from tests.features.crm.health.planting import (
    Fault,
    Sown,
    Which,
    add,
    closed,
    converted,
    direct,
    forget,
    fresh,
    lost,
    most,
    put,
    refused,
    rows_of,
    share,
    some,
    sown,
    still_open,
    won,
)


def _no_outcome(crm: Crm) -> Sown:
    rows = some(crm, "opportunities", 2, lost)
    for row in rows:
        row |= {"outcome": None, "loss_reason": None, "stage": "first"}
    forget(crm, rows, "opportunity_id", "outcome", "stage")
    return sown("opportunities", rows)


def _in_stage(where: Which, stage: str | None, **values: object) -> Fault:
    """Two deals in a stage (and what else), of whose way nothing is known."""

    def fault(crm: Crm) -> Sown:
        rows = some(crm, "opportunities", 2, where)
        for row in rows:
            row |= {"stage": stage, **values}
        forget(crm, rows, "opportunity_id", "stage")
        return sown("opportunities", rows)

    return fault


def _born_closed(crm: Crm) -> Sown:
    rows = some(crm, "opportunities", 2, won)
    for row in rows:
        row["closed_at"] = row["created_at"]
    forget(crm, rows, "opportunity_id", "stage")
    return sown("opportunities", rows)


def _won_at_once(crm: Crm) -> Sown:
    rows, random = rows_of(crm, "opportunities", won)[::2], seeded(7)
    for row in rows:
        row["closed_at"] = row["created_at"] + random.randrange(HOUR, 9 * HOUR)
    forget(crm, rows, "opportunity_id", "stage")
    return sown("opportunities", rows)


def _placeholder(crm: Crm) -> Sown:
    """One contact for sixty records: fifty leads and ten deals."""
    crm["contacts"][10]["account_id"] = None
    leads, deals = rows_of(crm, "leads")[:50], rows_of(crm, "opportunities", direct)[:10]
    deals += [row for row in crm["opportunities"] if row["contact_id"] == "C010" and row not in deals]
    for row in leads + deals:
        row["contact_id"] = "C010"
    found = sown("opportunities", deals)
    return Sown(len(leads) + found.count, sown("leads", leads).ids, ("contacts_without_account",))


def _owner_reason(crm: Crm) -> Sown:
    rows = rows_of(crm, "opportunities", lambda row: lost(row) and row["owner_id"] == "U1")
    for row in rows:
        row["loss_reason"] = "rival"
    return sown("opportunities", rows)


def _unused_stage(crm: Crm) -> Sown:
    return add(crm, "stages", {"process": "sales", "stage": "signing", "position": 6, "kind": "open"})


def _same_place(crm: Crm) -> Sown:
    rows = [row for row in crm["stages"] if (row["process"], row["stage"]) == ("sales", "offer")]
    rows[0]["position"] = 1
    return sown("stages", rows)


def _retired(crm: Crm) -> Sown:
    until = BEGIN + 300 * DAY
    add(crm, "stages", {"process": "sales", "stage": "old", "position": 9, "kind": "open", "active_until": until})
    return _in_stage(lambda row: fresh(row) and row["process"] == "sales", "old")(crm)


def _renamed(crm: Crm) -> Sown:
    """In sales, "offer" was called "quote" for the deals that entered it in the first year."""
    sales = {row["opportunity_id"] for row in crm["opportunities"] if row["process"] == "sales"}
    moves = [row for row in crm["changes"] if row["field"] == "stage" and row["entity_id"] in sales]
    early = {row["entity_id"] for row in moves if row["new"] == "offer" and row["occurred_at"] < BEGIN + 365 * DAY}
    for row in moves:
        if row["entity_id"] in early:
            row |= {side: "quote" for side in ("old", "new") if row[side] == "offer"}
    return Sown(len(early), tuple(sorted(early)[:3]))


def _batch(crm: Crm) -> Sown:
    rows = rows_of(crm, "opportunities", closed)[::3]
    ends = {row["opportunity_id"]: row["closed_at"] for row in rows}
    for place, row in enumerate(row for row in crm["changes"] if row["field"] == "stage" and row["entity_id"] in ends):
        row["occurred_at"] = ends[row["entity_id"]] + 1_000_000 * (place % 3)
    return sown("opportunities", rows)


def _merged_round(crm: Crm) -> Sown:
    first, second = rows_of(crm, "leads", refused)[10:12]
    first["merged_into"], second["merged_into"] = second["lead_id"], first["lead_id"]
    return sown("leads", [first, second])


def _managers(crm: Crm) -> Sown:
    first, second = rows_of(crm, "owners")[1:3]
    first["manager_id"], second["manager_id"] = "U2", "U1"
    return sown("owners", [first, second])


def _other_account(crm: Crm) -> Sown:
    rows = some(crm, "opportunities", 2, lambda row: not direct(row))
    leads = {row["lead_id"] for row in rows}
    for row in crm["leads"]:
        if row["lead_id"] in leads:
            row["account_id"] = "A119" if row["account_id"] != "A119" else "A118"
    return sown("opportunities", rows)


def _disagree(crm: Crm) -> Sown:
    first, second = rows_of(crm, "leads", converted)[:2]
    first["opportunity_id"] = second["opportunity_id"]
    return sown("leads", [first])


def _to_nothing(crm: Crm) -> Sown:
    rows = some(crm, "leads", 2, converted)
    deals = {row["opportunity_id"] for row in rows}
    for row in rows:
        row["opportunity_id"] = None
    for deal in crm["opportunities"]:
        if deal["opportunity_id"] in deals:
            deal["lead_id"] = None
    return sown("leads", rows)


def _same_second(crm: Crm) -> Sown:
    born = {row["lead_id"]: row["created_at"] for row in crm["leads"]}
    rows = rows_of(crm, "opportunities", lambda row: not direct(row))[:100]
    for row in rows:
        row["created_at"] = born[row["lead_id"]]
    return sown("opportunities", rows)


def _gone(crm: Crm) -> Sown:
    add(crm, "owners", {"owner_id": "U9", "team": "north", "active_until": UNTIL - 100 * DAY})
    return put("opportunities", 2, still_open, owner_id="U9")(crm)


def _gone_quota(crm: Crm) -> Sown:
    add(crm, "owners", {"owner_id": "U9", "team": "north", "active_until": BEGIN - 30 * DAY})
    rows_of(crm, "opportunities", won)[0]["owner_id"] = "U9"
    return add(crm, "quotas", {"period": "2024-Q2", "owner_id": "U9", "amount": 1, "currency": "EUR"})


def _idle_quota(crm: Crm) -> Sown:
    add(crm, "owners", {"owner_id": "U9", "team": "north"})
    return add(crm, "quotas", {"period": "2024-Q2", "owner_id": "U9", "amount": 1, "currency": "EUR"})


DEALS: dict[str, Fault] = {
    "closed_without_outcome": _no_outcome,
    "outcome_without_close": put("opportunities", 2, won, closed_at=None),
    "stage_says_closed": _in_stage(fresh, "gained"),
    "stage_says_open": _in_stage(won, "talks"),
    "converted_and_disqualified": put("leads", 2, converted, disqualified_at=lambda row: row["converted_at"] + DAY),
    "born_closed": _born_closed,
    "won_at_once": _won_at_once,
    "loss_reason_blank": share("opportunities", lost, loss_reason=None),
    "one_loss_reason": most("opportunities", "loss_reason", "price", lost),
    "owner_loss_reason": _owner_reason,
    "open_too_long": put("opportunities", 2, fresh, created_at=BEGIN + 30 * DAY + 9 * HOUR),
    "stage_not_in_process": _in_stage(fresh, "limbo"),
    "process_without_stages": put("opportunities", 2, fresh, process="export"),
    "stage_never_used": _unused_stage,
    "stages_at_one_place": _same_place,
    "open_without_stage": _in_stage(fresh, None),
    "retired_stage": _retired,
    "stage_renamed": _renamed,
    "moves_in_batch": _batch,
    "orphan_rows": put("leads", 2, refused, contact_id="C999"),
    "merged_nowhere": put("leads", 2, refused, merged_into="L999"),
    "merged_in_circle": _merged_round,
    "managers_in_circle": _managers,
    "lead_of_other_account": _other_account,
    "contact_of_other_account": put(
        "opportunities", 2, direct, contact_id=lambda row: f"C{(int(row['account_id'][1:]) + 1) % 120:03}"
    ),
    "lead_and_deal_disagree": _disagree,
    "converted_to_nothing": _to_nothing,
    "made_with_their_lead": _same_second,
    "deals_of_nobody": put("opportunities", 2, direct, account_id=None, contact_id=None),
    "contact_of_many": _placeholder,
    "contacts_without_account": put("contacts", 2, account_id=None),
    "owner_gone": _gone,
    "no_owner": put("opportunities", 2, fresh, owner_id=None),
    "one_owner_for_all": most("opportunities", "owner_id", "U1", lambda row: True),
    "owners_without_team": put("owners", 1, team=None),
    "quota_of_gone_owner": _gone_quota,
    "quota_of_idle_owner": _idle_quota,
}
"""Faults of outcomes, stages, links and owners: what is sown, and what must be found of it."""
