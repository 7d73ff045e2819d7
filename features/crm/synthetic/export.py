"""The tables that move: leads, opportunities, their changes and activities, as the CRM reads at the world's end."""

from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa

from features.columns import MISSING, Bools, Ints
from features.crm.schema import KINDS
from features.crm.synthetic.activity import OUTCOMES, Activities, draw_activities
from features.crm.synthetic.deals import lead_chain, opportunity_chains
from features.crm.synthetic.dirt import Dirt
from features.crm.synthetic.frame import Frame
from features.crm.synthetic.labels import CLOSED, TEMPERATURES, campaigns, lead_stages, opportunity_stages, products
from features.crm.synthetic.life import Life, life_of
from features.crm.synthetic.moves import (
    Moves,
    amount_moves,
    close_moves,
    mood_moves,
    outcome_moves,
    owner_moves,
    owner_then,
    probability_moves,
    stage_moves,
)
from features.crm.synthetic.people import title_words
from features.crm.synthetic.records import Cast, Leads, Opportunities, Records, part
from features.crm.synthetic.tables import Ids, company_names, emails, phones
from features.crm.synthetic.text import (
    TableFile,
    Text,
    coded,
    constant,
    dates,
    hundredths,
    instants,
    integers,
    joined,
    numbered,
    where,
)

LEAD_FIELDS = ("besoin", "effectif_declare", "newsletter")
OPPORTUNITY_FIELDS = ("budget_confirme", "nb_concurrents", "temperature", "numero_contrat", "code_interne")
_FLAGS = ("non", "oui")
_RIVALS = ("Axtherm", "Clivia Énergie", "Groupe Borval", "Normatech", "SudClim Services")
_COMMENTS = ("Trop cher", "Déjà équipé par un confrère", "Projet reporté", "Plus de nouvelles", "Budget refusé")


class Export:
    """The four files, open; `leads` and `opportunities` append some records and all that happened to them."""

    def __init__(
        self, frame: Frame, cast: Cast, ids: Ids, folder: Path, dirt: Dirt, unsaid: Bools, wrong: Bools
    ) -> None:
        self._frame, self._cast, self._ids = frame, cast, ids
        self._dirt, self._unsaid, self._wrong = dirt, unsaid, wrong
        self._statuses, self._stages = lead_stages(frame.law), opportunity_stages(frame.law)
        self._opened = np.full(len(cast.leads.created), -1, np.int64)
        led = np.flatnonzero(cast.opportunities.lead >= 0)
        self._opened[cast.opportunities.lead[led]] = led
        self._stack = ExitStack()
        open_ = self._stack.enter_context
        self.files = {
            "leads": open_(TableFile.canonical(folder, "leads", LEAD_FIELDS)),
            "opportunities": open_(TableFile.canonical(folder, "opportunities", OPPORTUNITY_FIELDS)),
            "activities": open_(TableFile.canonical(folder, "activities")),
        }
        if frame.law.history:
            self.files["changes"] = open_(TableFile.canonical(folder, "changes"))

    def close(self) -> None:
        """Close the files."""
        self._stack.close()

    def leads(self, low: int, high: int) -> None:
        """Write leads `low` to `high`."""
        frame, leads = self._frame, part(self._cast.leads, low, high)
        rng, count = frame.rng("leads", low), high - low
        number, walk = np.arange(low + 1, high + 1), np.zeros(count, np.int64)
        abandoned = np.full(count, lead_chain(frame).abandoned)
        life = life_of(frame, rng, leads, abandoned)
        nobody = np.zeros(count, bool)
        first, status = stage_moves(frame, rng, leads, walk, self._statuses, life, nobody, "status")
        handed = owner_moves(frame, rng, leads, self._cast.owners, life)
        self._changes("lead", numbered("L", number), leads, [status, handed], handed)
        drawn = draw_activities(frame, rng, leads, self._statuses.count[walk], life)
        self._activities(drawn, leads, numbered("L", number), "lead_id", handed)
        deleted, merged = _deleted(frame, rng, life, number)
        columns = self._lead_columns(leads, number, life, status.last(first), handed.last(leads.owner))
        columns |= {"deleted_at": instants(frame.clock, deleted), "merged_into": numbered("L", merged)}
        self.files["leads"].write(columns)

    def _lead_columns(self, leads: Leads, number: Ints, life: Life, status: Ints, owner: Ints) -> dict[str, Text]:
        frame, cast, law = self._frame, self._cast, self._frame.law
        opened = self._opened[number - 1]
        linked = leads.known | ((life.cause == 0) & (opened >= 0))
        reasons = [reason.label for reason in law.leads.reasons]
        lost, clock, person = life.cause > 0, frame.clock, leads.person
        return {
            "lead_id": numbered("L", number), "created_at": instants(clock, leads.created),
            "account_id": numbered("A", np.where(linked & (leads.company >= 0), self._ids.account[leads.company], -1)),
            "contact_id": numbered("C", np.where(linked, self._ids.contact[person], -1)),
            "company": company_names(frame, cast.companies, leads.company), "email": emails(frame, cast, person),
            "phone": phones(person), "title": coded(cast.persons.title[person], title_words(frame)[0]),
            "country": constant("FR", len(number)),
            "source": coded(leads.source, [source.label for source in law.sources]),
            "campaign": coded(leads.campaign, campaigns(law)), "process": coded(leads.process, list(law.processes)),
            "owner_id": numbered("U", owner + 1, 4), "status": coded(status, self._statuses.names),
            "converted_at": instants(clock, np.where(life.cause == 0, life.finish, MISSING)),
            "opportunity_id": numbered("O", np.where((life.cause == 0) & (opened >= 0), opened + 1, -1)),
            "disqualified_at": instants(clock, np.where(lost, life.finish, MISSING)),
            "disqualified_reason": coded(np.where(lost, life.cause - 1, -1), reasons),
            "url": joined(pa.scalar("https://crm.example/pistes/"), integers(number)),
            "besoin": coded(leads.need, [need.label for need in law.lead.needs]),
            "effectif_declare": integers(np.where(leads.declared < 0, MISSING, leads.declared)),
            "newsletter": coded(leads.newsletter.astype(np.int64), _FLAGS),
        }  # fmt: skip

    def opportunities(self, low: int, high: int) -> None:
        """Write opportunities `low` to `high`."""
        frame, owners, deals = self._frame, self._cast.owners, part(self._cast.opportunities, low, high)
        rng, number = frame.rng("opportunities", low), np.arange(low + 1, high + 1)
        abandoned = np.array([chain.abandoned for chain in opportunity_chains(frame)])[deals.process]
        life = life_of(frame, rng, deals, abandoned)
        first, stage = stage_moves(frame, rng, deals, deals.process, self._stages, life, self._wrong[low:high], "stage")
        handed = owner_moves(frame, rng, deals, owners, life)
        amount_then, amount = amount_moves(frame, rng, deals, life)
        mood_then, mood = mood_moves(frame, rng, deals, life)
        close_then, close = close_moves(frame, rng, deals, life)
        own_then, own = probability_moves(rng, deals, owners, self._stages, first, stage)
        moves = [stage, outcome_moves(self._stages, stage), handed, amount, mood, close, own]
        self._changes("opportunity", numbered("O", number), deals, moves, handed)
        drawn = draw_activities(frame, rng, deals, self._stages.count[deals.process], life)
        self._activities(drawn, deals, numbered("O", number), "opportunity_id", handed)
        deleted, _ = _deleted(frame, rng, life, number)
        columns = self._opportunity_columns(deals, number) | self._end_columns(rng, deals, number, life) | {
            "stage": coded(stage.last(first), self._stages.names),
            "temperature": coded(mood.last(mood_then), TEMPERATURES),
            "owner_id": numbered("U", handed.last(deals.owner) + 1, 4), "amount": hundredths(amount.last(amount_then)),
            "expected_close": dates(close.last(close_then)), "own_probability": hundredths(own.last(own_then)),
            "deleted_at": instants(frame.clock, deleted),
            "code_interne": coded(rng.integers(0, 5, len(number)), ("A1", "A2", "B1", "B2", "C1")),
        }  # fmt: skip
        self.files["opportunities"].write(self._dirt.opportunities(columns, low, high))

    def _opportunity_columns(self, deals: Opportunities, number: Ints) -> dict[str, Text]:
        law, cast = self._frame.law, self._cast
        company = deals.company
        product = coded(deals.product, products(law))
        firm = company_names(self._frame, cast.companies, company)
        return {
            "opportunity_id": numbered("O", number), "created_at": instants(self._frame.clock, deals.created),
            "account_id": numbered("A", np.where(company >= 0, self._ids.account[company], -1)),
            "contact_id": numbered("C", self._ids.contact[deals.person]),
            "lead_id": numbered("L", np.where(deals.lead >= 0, deals.lead + 1, -1)),
            "process": coded(deals.process, list(law.processes)), "product": product,
            "name": where(company >= 0, joined(product, pa.scalar(" - "), firm), product),
            "source": coded(deals.source, [source.label for source in law.sources]),
            "recurring_amount": hundredths(deals.recurring),
            "currency": constant(law.currency, len(number)),
            "url": joined(pa.scalar("https://crm.example/affaires/"), integers(number)),
            "budget_confirme": coded(deals.budget.astype(np.int64), _FLAGS),
            "nb_concurrents": integers(deals.competitors),
        }  # fmt: skip

    def _end_columns(self, rng: np.random.Generator, deals: Opportunities, number: Ints, life: Life) -> dict[str, Text]:
        lost, count = life.cause > 0, len(number)
        reasons = [reason.label for reason in self._frame.law.reasons]
        said = lost & ~self._unsaid[number - 1]
        reason = np.where(said, life.cause - 1, -1)
        rival = (reason >= 0) & (rng.random(count) < np.where(reason == 1, 0.7, 0.05))
        return {
            "closed_at": instants(self._frame.clock, life.finish),
            "outcome": coded(np.where(life.cause < 0, -1, np.minimum(life.cause, 1)), CLOSED),
            "loss_reason": coded(reason, reasons),
            "loss_comment": coded(np.where(lost & (rng.random(count) < 0.2), number % len(_COMMENTS), -1), _COMMENTS),
            "competitor": coded(np.where(rival, number % len(_RIVALS), -1), _RIVALS),
            "numero_contrat": where(life.cause == 0, numbered("CT-", number)),
        }

    def _changes(self, entity: str, ids: Text, records: Records, moves: list[Moves], handed: Moves) -> None:
        file = self.files.get("changes")
        if file is None:
            return
        for move in moves:
            owner = owner_then(records.owner, handed, move.record, move.when)
            file.write({
                "entity": constant(entity, len(move.record)), "entity_id": ids.take(pa.array(move.record)),
                "field": constant(move.field, len(move.record)),
                "old": self._value(move.field, move.old), "new": self._value(move.field, move.new),
                "occurred_at": instants(self._frame.clock, move.when),
                "recorded_at": instants(self._frame.clock, move.recorded),
                "changed_by": numbered("U", owner + 1, 4),
            })  # fmt: skip

    def _value(self, field: str, values: Ints) -> Text:
        words = {
            "stage": self._stages.names, "status": self._statuses.names, "outcome": CLOSED, "temperature": TEMPERATURES,
        }  # fmt: skip
        if field in words:
            return coded(values, words[field])
        if field == "owner_id":
            return numbered("U", values + 1, 4)
        return dates(values) if field == "expected_close" else hundredths(values)

    def _activities(self, drawn: Activities, records: Records, ids: Text, key: str, handed: Moves) -> None:
        clock, file = self._frame.clock, self.files["activities"]
        company, person = records.company[drawn.record], records.person[drawn.record]
        known = records.known[drawn.record]
        owner = owner_then(records.owner, handed, drawn.record, drawn.recorded)
        columns = {
            "activity_id": numbered("E", file.rows + np.arange(len(drawn.record)), 9), "kind": coded(drawn.kind, KINDS),
            "direction": coded(drawn.direction, ("in", "out")), key: ids.take(pa.array(drawn.record)),
            "contact_id": numbered("C", np.where(known, self._ids.contact[person], -1)),
            "account_id": numbered("A", np.where(known & (company >= 0), self._ids.account[company], -1)),
            "owner_id": numbered("U", owner + 1, 4),
            "occurred_at": instants(clock, drawn.occurred), "recorded_at": instants(clock, drawn.recorded),
            "due_at": instants(clock, drawn.due), "done_at": instants(clock, drawn.done),
            "duration_s": integers(drawn.duration), "outcome": coded(drawn.outcome, OUTCOMES),
        }  # fmt: skip
        file.write(self._dirt.activities(columns))


def _deleted(frame: Frame, rng: np.random.Generator, life: Life, number: Ints) -> tuple[Ints, Ints]:
    """When records gone quiet were deleted (MISSING: never), and for half of them the record they were merged into."""
    count = len(number)
    when = frame.clock.instants(life.quiet + 1 + rng.exponential(15, count))
    gone = (life.finish == MISSING) & (rng.random(count) < frame.law.deleted)
    gone &= (life.quiet < frame.work_until) & (when != MISSING) & (when < frame.until)
    merged = gone & (rng.random(count) < 0.5) & (number > 1)
    return np.where(gone, when, MISSING), np.where(merged, number - 1, -1)
