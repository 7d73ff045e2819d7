"""Drawing the leads and opportunities of a world: the fields of each, their effects, and the paths these lead to."""

from collections.abc import Sequence

import numpy as np

from features.columns import MISSING, Bools, Floats, Ints
from features.crm.synthetic.chain import Chain, Paths, chain_of, simulate
from features.crm.synthetic.frame import Frame, pick
from features.crm.synthetic.law import Process, Reason
from features.crm.synthetic.people import Companies, Owners, Persons, draw_companies, draw_owners, draw_persons
from features.crm.synthetic.reading import LawError
from features.crm.synthetic.records import Cast, Leads, Opportunities


def lead_chain(frame: Frame) -> Chain:
    """The chain of leads."""
    law = frame.law
    return chain_of(law.leads, law.leads.reasons, law.response, 0.0)


def opportunity_chains(frame: Frame) -> list[Chain]:
    """The chain of each process."""
    law = frame.law
    return [chain_of(process, law.reasons, law.response, law.skip) for process in law.processes.values()]


def draw_cast(frame: Frame) -> Cast:
    """Draw everyone; leads convert into opportunities, the others are made directly."""
    law, rng = frame.law, frame.rng("leads")
    owners = draw_owners(frame)
    count = round(law.leads.each * frame.size)
    created = _lead_instants(frame, rng, count)
    process = pick(rng, [p.share for p in law.processes.values()], count)
    buyer = _buyers(frame)[process]
    known = (buyer > 0) & (rng.random(count) < 0.3)
    unknown = (buyer > 0) & ~known
    companies = draw_companies(frame, (buyer == 2)[unknown])
    company = np.where(known, companies.known(rng, buyer == 2, created), -1)
    company[unknown] = companies.pool + np.arange(unknown.sum())
    direct = frame.rng("direct")
    direct_process = pick(direct, [p.share for p in law.processes.values()], frame.size)
    persons = draw_persons(frame, companies, np.r_[company[~known], np.full(frame.size, -1)])
    contacts = len(persons.company) - frame.size - int((~known).sum())
    person = company.copy()
    person[~known] = contacts + np.arange((~known).sum())
    leads = _leads(frame, rng, owners, companies, persons, created, process, company, person, known)
    opportunities = _opportunities(frame, direct, owners, companies, persons, leads, direct_process)
    companies, persons = _met(companies, persons, opportunities)
    return Cast(owners, companies, persons, leads, opportunities)


def _buyers(frame: Frame) -> Ints:
    kinds = ("person", "business", "public")
    return np.array([kinds.index(process.buyer) for process in frame.law.processes.values()], np.int64)


def _lead_instants(frame: Frame, rng: np.random.Generator, count: int) -> Ints:
    at_work = frame.clock.instants(frame.busy_work(rng, count))
    return np.sort(np.where(rng.random(count) < 0.8, at_work, frame.any_instants(rng, count)))


def _leads(
    frame: Frame, rng: np.random.Generator, owners: Owners, companies: Companies, persons: Persons, created: Ints,
    process: Ints, company: Ints, person: Ints, known: Bools,
) -> Leads:  # fmt: skip
    law, count = frame.law, len(created)
    source = pick(rng, [s.leads for s in law.sources], count)
    owner = owners.choose(rng, process, created)
    need = pick(rng, [n.weight for n in law.lead.needs], count)
    quality = rng.normal(0, 1, count)
    business_free = (company >= 0) & (persons.free_mail[person] >= 0)
    visible = (
        _common(frame, law.lead.customer, law.lead.decider, law.lead.size_bend, law.lead.season, source, created,
                company, person, companies, persons)
        + np.array([n.effect for n in law.lead.needs])[need]
        + np.array([p.lead_effect for p in law.processes.values()])[process]
        + law.lead.free_mail * business_free + law.leads.level
    )  # fmt: skip
    latent = law.lead.quality * quality + law.lead.account * _affinity(companies, company) + owners.skill[owner]
    effect = visible + latent + law.drift.leads * frame.position(created)
    tilt = _tilt(law.leads.reasons, np.zeros(count), np.zeros(count, bool))
    state = pick(rng, law.leads.start, count)
    paths = simulate(lead_chain(frame), effect, tilt, state, frame.clock.work(created), len(frame.clock.days), rng)
    employees = companies.employees[company] * np.exp(rng.normal(0, 0.2, count))
    told = (company >= 0) & (rng.random(count) < 0.6)
    return Leads(
        kind="lead", created=created, process=process, source=source, owner=owner, company=company, person=person,
        known=known, quality=quality, visible=visible, effect=effect, tilt=tilt, paths=paths,
        campaign=_campaigns(frame, rng, source), need=need,
        declared=np.where(told, np.maximum(1, np.round(employees)), -1).astype(np.int64),
        newsletter=rng.random(count) < 0.4,
    )  # fmt: skip


def _campaigns(frame: Frame, rng: np.random.Generator, source: Ints) -> Ints:
    """Codes into the campaigns of all sources in turn; -1 where a source has none."""
    counts = np.array([len(s.campaigns) for s in frame.law.sources])
    offsets = np.r_[0, np.cumsum(counts)[:-1]]
    drawn = offsets[source] + np.floor(rng.random(len(source)) * counts[source]).astype(np.int64)
    return np.where((counts[source] > 0) & (rng.random(len(source)) < 0.7), drawn, -1)


def _common(
    frame: Frame, customer: float, decider: float, bend: float, season: Sequence[float], source: Ints, created: Ints,
    company: Ints, person: Ints, companies: Companies, persons: Persons,
) -> Floats:  # fmt: skip
    """The effects that leads and opportunities share, drifted sources included."""
    law, firm = frame.law, company >= 0
    faded = 1 - law.drift.sources * frame.position(created)
    log_size = np.log(companies.employees[company] / 40)
    common: Floats = (
        np.array([s.effect for s in law.sources])[source] * faded
        + np.array(season)[frame.month(created)]
        + decider * (persons.decides[person] - 0.4) * firm
        + np.where(firm, np.array([s.effect for s in law.sectors])[companies.sector[company]], 0)
        + np.where(firm, bend * (np.minimum(log_size**2, 4) - 1) + customer * companies.customer[company], 0)
    )
    return common


def _affinity(companies: Companies, company: Ints) -> Floats:
    return np.where(company >= 0, companies.affinity[company], 0.0)


def _tilt(reasons: Sequence[Reason], amount: Floats, public: Bools) -> Floats:
    by_amount = np.array([reason.amount for reason in reasons])
    by_tender = np.array([reason.tender for reason in reasons])
    return np.outer(amount, by_amount) + np.outer(public, by_tender)


def _opportunities(
    frame: Frame, rng: np.random.Generator, owners: Owners, companies: Companies, persons: Persons, leads: Leads,
    direct_process: Ints,
) -> Opportunities:  # fmt: skip
    law, size = frame.law, frame.size
    lead, process, created = _made(frame, rng, leads, direct_process)
    led, buyer = lead >= 0, _buyers(frame)[process]
    pool = np.where(buyer > 0, companies.known(rng, buyer == 2, created), -1)
    company = np.where(led, leads.company[lead], pool)
    private = len(persons.company) - size + np.arange(size)
    person = np.where(led, leads.person[lead], np.where(company >= 0, company, private))
    source = np.where(led, leads.source[lead], pick(rng, [s.direct for s in law.sources], size))
    kept = led & (rng.random(size) < 0.8)
    owner = np.where(kept, leads.owner[lead], owners.choose(rng, process, created))
    inherited, fresh = law.opportunity.inherited, rng.normal(0, 1, size)
    quality = np.where(led, inherited * leads.quality[lead] + np.sqrt(1 - inherited**2) * fresh, fresh)
    amount, spread = _amounts(frame, rng, process, company, companies)
    budget, usual = rng.random(size) < 0.35, np.array([0.8, 1.3, 2.5])[buyer]
    competitors = rng.poisson(usual)
    effects, position = law.opportunity, frame.position(created)
    visible = (
        _common(frame, effects.customer, effects.decider, effects.size_bend, effects.season, source, created, company,
                person, companies, persons)
        + np.array([p.level for p in law.processes.values()])[process] + effects.amount * spread
        + effects.budget * (budget - 0.35) + effects.competitors * (competitors - usual)
    )  # fmt: skip
    latent = effects.quality * quality + effects.account * _affinity(companies, company) + owners.skill[owner]
    effect = visible + latent + position * (law.drift.level + law.drift.amount * spread)
    tilt = _tilt(law.reasons, spread, buyer == 2)
    recurring, product = _products(frame, rng, process, amount)
    return Opportunities(
        kind="opportunity", created=created, process=process, source=source, owner=owner, company=company,
        person=person, known=np.ones(size, bool), quality=quality, visible=visible, effect=effect, tilt=tilt,
        paths=_walk(frame, rng, process, effect, tilt, frame.clock.work(created)), lead=lead, amount=amount,
        recurring=recurring, product=product, budget=budget, competitors=competitors,
    )  # fmt: skip


def _made(frame: Frame, rng: np.random.Generator, leads: Leads, direct_process: Ints) -> tuple[Ints, Ints, Ints]:
    """The lead (-1: none), process and creation of each opportunity, by creation."""
    converted = frame.clock.instants(np.where(leads.paths.cause == 0, leads.paths.finish, np.inf))
    lead = np.flatnonzero((converted != MISSING) & (converted < frame.until))
    direct = frame.size - len(lead)
    if direct < 0:
        problem = f"{len(lead)} leads convert, more than the {frame.size} opportunities asked for"
        raise LawError(f"leads.each: {problem}; lower it, or leads.level")
    created = np.r_[converted[lead], frame.clock.instants(frame.busy_work(rng, direct))]
    process = np.r_[leads.process[lead], direct_process[:direct]]
    order = np.argsort(created, kind="stable")
    return np.r_[lead, np.full(direct, -1)][order], process[order], created[order]


def _products(frame: Frame, rng: np.random.Generator, process: Ints, amount: Ints) -> tuple[Ints, Ints]:
    """Recurring amounts in cents (MISSING: none) and codes into the products of all processes in turn."""
    laws = list(frame.law.processes.values())
    counts = np.array([len(p.products) for p in laws])
    recurring = rng.random(len(process)) < np.array([p.recurring for p in laws])[process]
    within = np.floor(rng.random(len(process)) * counts[process]).astype(np.int64)
    return np.where(recurring, amount // 8000 * 1000, MISSING), np.r_[0, np.cumsum(counts)[:-1]][process] + within


def _amounts(
    frame: Frame, rng: np.random.Generator, process: Ints, company: Ints, companies: Companies
) -> tuple[Ints, Floats]:
    """Amounts in cents, whole tens of units, and the log of each over its process's median."""
    laws: list[Process] = list(frame.law.processes.values())
    middle, spread = np.array([p.amount for p in laws])[process], np.array([p.spread for p in laws])[process]
    bigger = np.where(company >= 0, 0.25 * np.log(companies.employees[company] / 40), 0)
    amount = np.maximum(10, np.round(middle * np.exp(spread * rng.normal(0, 1, len(process)) + bigger) / 10) * 10)
    return (amount * 100).astype(np.int64), np.log(amount / middle)


def _walk(frame: Frame, rng: np.random.Generator, process: Ints, effect: Floats, tilt: Floats, work: Floats) -> Paths:
    parts, finish, cause = [], np.full(len(process), np.inf), np.full(len(process), -1, np.int64)
    for p, (chain, law) in enumerate(zip(opportunity_chains(frame), frame.law.processes.values(), strict=True)):
        rows = np.flatnonzero(process == p)
        state = pick(rng, law.start, len(rows))
        if not len(rows):
            continue
        path = simulate(chain, effect[rows], tilt[rows], state, work[rows], len(frame.clock.days), rng)
        finish[rows], cause[rows] = path.finish, path.cause
        parts.append((rows[path.record], path.state, path.start))
    record, states, start = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(record, kind="stable")
    first = np.searchsorted(record[order], np.arange(len(process) + 1))
    return Paths(record[order], states[order], start[order], first, finish, cause)


def _met(companies: Companies, persons: Persons, deals: Opportunities) -> tuple[Companies, Persons]:
    """Accounts and contacts the CRM gets when a deal of a company or person it did not know is made."""
    account, contact = companies.created.copy(), persons.created.copy()
    fresh = (deals.company >= 0) & (account[deals.company] == MISSING)
    account[deals.company[fresh]] = deals.created[fresh]
    fresh = contact[deals.person] == MISSING
    contact[deals.person[fresh]] = deals.created[fresh]
    return companies.with_created(account), Persons(
        persons.company, persons.first, persons.family, persons.title, persons.decides, persons.free_mail, contact
    )
