"""Who is in the world: owners of unlike skill, companies known before or met as leads, and persons.

Skill and affinity are latent: no table holds them; only what happens to their deals shows them.
"""

from dataclasses import dataclass, replace

import numpy as np

from features.columns import MICROSECONDS_A_DAY, MISSING, Bools, Floats, Ints
from features.crm.synthetic.frame import Frame, pick


@dataclass(frozen=True, slots=True)
class Owners:
    """Sales people: `skill` includes the team's; `since` and `left` are MISSING when before and after the span."""

    teams: tuple[str, ...]
    team: Ints
    process: Ints
    first: Ints
    family: Ints
    skill: Floats
    optimism: Floats
    since: Ints
    left: Ints
    lead: Ints

    def choose(self, rng: np.random.Generator, process: Ints, when: Ints) -> Ints:
        """An owner of the process who is there at that instant; the team's head when eight draws found nobody."""
        heads = np.array([np.flatnonzero(self.process == p)[0] for p in range(int(self.process.max()) + 1)])
        counts = np.bincount(self.process)
        chosen = np.full(len(process), -1, np.int64)
        for _ in range(8):
            drawn = heads[process] + (rng.random(len(process)) * counts[process]).astype(np.int64)
            there = (self.since[drawn] <= when) & ((self.left[drawn] == MISSING) | (self.left[drawn] > when))
            chosen = np.where((chosen < 0) & there, drawn, chosen)
        return np.where(chosen < 0, heads[process], chosen)


@dataclass(frozen=True, slots=True)
class Companies:
    """Companies: the pool first (businesses, then public bodies, each by creation), then one per unknown lead.

    `created` is when the CRM got the account: MISSING until a lead of it converts.
    """

    businesses: int
    pool: int
    public: Bools
    sector: Ints
    place: Ints
    employees: Ints
    word: Ints
    family: Ints
    form: Ints
    customer: Bools
    affinity: Floats
    created: Ints

    def known(self, rng: np.random.Generator, public: Bools, when: Ints) -> Ints:
        """A company of the pool that the CRM knew at that instant, the oldest ones more often."""
        low = np.where(public, self.businesses, 0)
        high = np.where(
            public,
            self.businesses + np.searchsorted(self.created[self.businesses : self.pool], when),
            np.searchsorted(self.created[: self.businesses], when),
        )
        return low + np.floor((high - low) * rng.random(len(when)) ** 1.5).astype(np.int64)

    def with_created(self, created: Ints) -> "Companies":
        """The same companies with other account creations."""
        return replace(self, created=created)


@dataclass(frozen=True, slots=True)
class Persons:
    """Persons: main contacts of the pool, its second contacts, then one per unknown lead or private deal.

    `title` is -1 for private persons; `created` is when the CRM got the contact (MISSING: never).
    """

    company: Ints
    first: Ints
    family: Ints
    title: Ints
    decides: Bools
    free_mail: Ints
    created: Ints


def draw_owners(frame: Frame) -> Owners:
    """The owners, by team; the first of a team heads it and never leaves."""
    law, rng = frame.law, frame.rng("owners")
    total = int(np.clip(round(frame.size / law.owners.opportunities_each), law.owners.fewest, law.owners.most))
    teams = [(p, team) for p, process in enumerate(law.processes.values()) for team in process.teams]
    shares = [process.share / len(process.teams) for process in law.processes.values() for _ in process.teams]
    sizes = np.maximum(2, np.round(total * np.array(shares) / max(sum(shares), 1e-9)).astype(np.int64))
    team = np.repeat(np.arange(len(teams)), sizes)
    head = np.r_[0, np.cumsum(sizes)[:-1]][team]
    count = len(team)
    away = (rng.random(count) < law.owners.turnover) & (np.arange(count) != head)
    moment = frame.start + (rng.uniform(0.15, 0.9, count) * (frame.until - frame.start)).astype(np.int64)
    moment = frame.clock.midnight(frame.clock.local_days(moment))
    leaves = rng.random(count) < 0.6
    early = frame.clock.midnight(frame.first_day - rng.integers(200, 2000, count))
    skill = rng.normal(0, law.owners.skill, count) + rng.normal(0, law.owners.team, len(teams))[team]
    return Owners(
        tuple(name for _, name in teams), team, np.array([p for p, _ in teams], np.int64)[team],
        rng.integers(0, len(frame.words["first"]), count), rng.integers(0, len(frame.words["family"]), count), skill,
        rng.normal(law.owners.optimism, law.owners.optimism_spread, count), np.where(away & ~leaves, moment, early),
        np.where(away & leaves, moment, MISSING), head,
    )  # fmt: skip


def draw_companies(frame: Frame, unknown_public: Bools) -> Companies:
    """The pool and, behind it, one company per unknown lead (a public body where the mask says so)."""
    law, rng = frame.law, frame.rng("companies")
    pool = max(8, round(law.pool * frame.size))
    tenders = sum(p.share for p in law.processes.values() if p.buyer == "public")
    others = sum(p.share for p in law.processes.values() if p.buyer == "business")
    bodies = max(4, round(pool * tenders / max(tenders + others, 1e-9))) if tenders else 0
    businesses = max(4, pool - bodies)
    pool = businesses + bodies
    public = np.r_[np.zeros(businesses, bool), np.ones(bodies, bool), unknown_public]
    count = len(public)
    weights = np.array([[s.weight * (not s.public) for s in law.sectors], [s.weight * s.public for s in law.sectors]])
    weights = np.where(weights.sum(1, keepdims=True) > 0, weights, 1.0)
    sector = np.where(public, pick(rng, weights[1], count), pick(rng, weights[0], count))
    employees = np.array([s.employees for s in law.sectors])[sector] * np.exp(rng.normal(0, 0.9, count))
    older = rng.random(pool) < 0.7
    age = np.where(older, -rng.uniform(0, 5 * 365, pool), rng.uniform(0, 1, pool) * (frame.last_day - frame.first_day))
    work = frame.clock.work(frame.start + (age * MICROSECONDS_A_DAY).astype(np.int64)) + rng.random(pool)
    since = frame.clock.instants(np.minimum(work, frame.work_until - 0.001))
    since = np.r_[np.sort(since[:businesses]), np.sort(since[businesses:])]
    customer = np.zeros(count, bool)
    customer[:pool] = (since < frame.start) & (rng.random(pool) < 0.5)
    words = frame.words
    return Companies(
        businesses, pool, public, sector, rng.integers(0, len(words["places"]), count),
        np.maximum(1, np.round(employees)).astype(np.int64),
        np.where(public, rng.integers(0, len(words["bodies"]), count), rng.integers(0, len(words["trades"]), count)),
        rng.integers(0, len(words["family"]), count), rng.integers(0, len(words["forms"]), count), customer,
        rng.normal(0, 1, count), np.r_[since, np.full(count - pool, MISSING)],
    )  # fmt: skip


def draw_persons(frame: Frame, companies: Companies, new: Ints) -> Persons:
    """A main contact per company of the pool, a second for half of them, then one per new person (its company)."""
    words, rng = frame.words, frame.rng("persons")
    pool = companies.pool
    second = np.flatnonzero(rng.random(pool) < 0.5)
    company = np.r_[np.arange(pool), second, new].astype(np.int64)
    count = len(company)
    decides = title_words(frame)[1]
    weights = np.concatenate([np.full(len(t["labels"]), t["weight"] / len(t["labels"])) for t in words["titles"]])
    drawn = np.where(company >= 0, pick(rng, weights, count), -1)
    private = (company < 0) | (rng.random(count) < 0.12)
    created = np.full(count, MISSING)
    created[: pool + len(second)] = companies.created[company[: pool + len(second)]]
    return Persons(
        company, rng.integers(0, len(words["first"]), count), rng.integers(0, len(words["family"]), count), drawn,
        np.where(drawn >= 0, decides[drawn], False),
        np.where(private, rng.integers(0, len(words["free_mail"]), count), -1), created,
    )  # fmt: skip


def title_words(frame: Frame) -> tuple[tuple[str, ...], Bools]:
    """Every job title and whether it decides."""
    titles = frame.words["titles"]
    labels = tuple(label for title in titles for label in title["labels"])
    return labels, np.array([title["decides"] for title in titles for _ in title["labels"]])
