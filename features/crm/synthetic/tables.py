"""The tables about people and things that do not move: accounts, contacts, owners, stages, roles, attributes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.columns import MISSING, Ints
from features.crm.synthetic.frame import Frame, slug
from features.crm.synthetic.labels import opportunity_stages
from features.crm.synthetic.people import Companies, title_words
from features.crm.synthetic.records import Cast
from features.crm.synthetic.text import (
    TableFile,
    Text,
    coded,
    constant,
    hundredths,
    instants,
    integers,
    joined,
    numbered,
    where,
)

ROLES = ("decides", "influences", "uses", "buys", "blocks")
ATTRIBUTES = (
    ("account", "type_compte", "creation", "category", "Type de compte"),
    ("lead", "besoin", "creation", "category", "Besoin exprimé"),
    ("lead", "effectif_declare", "creation", "number", "Effectif déclaré"),
    ("lead", "newsletter", "creation", "flag", "Abonné à la lettre"),
    ("opportunity", "budget_confirme", "creation", "flag", "Budget confirmé"),
    ("opportunity", "nb_concurrents", "creation", "number", "Nombre de concurrents"),
    ("opportunity", "temperature", "changes", "category", "Température"),
    ("opportunity", "numero_contrat", "never", "text", "Numéro de contrat"),
)
"""What is declared of custom fields; `code_interne` (noise) is left out, for the product to propose."""


@dataclass(frozen=True, slots=True)
class Ids:
    """The number of each company's account and of each person's contact; -1 where the CRM never got it."""

    account: Ints
    contact: Ints

    @classmethod
    def of(cls, frame: Frame, cast: Cast) -> "Ids":
        """Numbers in order of creation."""
        return cls(_numbers(frame, cast.companies.created), _numbers(frame, cast.persons.created))


def _numbers(frame: Frame, created: Ints) -> Ints:
    rows = np.flatnonzero((created != MISSING) & (created < frame.until))
    numbers = np.full(len(created), -1, np.int64)
    numbers[rows[np.argsort(created[rows], kind="stable")]] = np.arange(1, len(rows) + 1)
    return numbers


def _by_number(numbers: Ints) -> Ints:
    rows = np.flatnonzero(numbers >= 0)
    return rows[np.argsort(numbers[rows])]


def company_names(frame: Frame, companies: Companies, rows: Ints) -> Text:
    """Names of companies; null for a negative row."""
    words, real = frame.words, rows >= 0
    firm = joined(
        coded(companies.word[rows], words["trades"]), pa.scalar(" "), coded(companies.family[rows], words["family"]),
        pa.scalar(" "), coded(companies.form[rows], words["forms"]),
    )  # fmt: skip
    towns = [place["town"] for place in words["places"]]
    body = joined(
        coded(companies.word[rows] % len(words["bodies"]), words["bodies"]), pa.scalar(" "),
        coded(companies.place[rows], towns),
    )  # fmt: skip
    return where(real, where(companies.public[rows], body, firm))


def domains(frame: Frame, companies: Companies, rows: Ints) -> Text:
    """Made-up domains, one per company, under .example."""
    trades = [slug(word) for word in frame.words["trades"]]
    families = [slug(word) for word in frame.words["family"]]
    return joined(
        coded(companies.word[rows], trades), pa.scalar("-"), coded(companies.family[rows], families), pa.scalar("-"),
        integers(rows), pa.scalar(".example"),
    )  # fmt: skip


def emails(frame: Frame, cast: Cast, rows: Ints) -> Text:
    """Made-up addresses: at the company's domain or at a free mail provider."""
    people, words = cast.persons, frame.words
    local = joined(
        coded(people.first[rows], [slug(word) for word in words["first"]]), pa.scalar("."),
        coded(people.family[rows], [slug(word) for word in words["family"]]), pa.scalar(".essai"), integers(rows),
    )  # fmt: skip
    free = people.free_mail[rows]
    own = domains(frame, cast.companies, np.maximum(people.company[rows], 0))
    return joined(local, pa.scalar("@"), where(free >= 0, coded(free, words["free_mail"]), own))


def phones(rows: Ints) -> Text:
    """Numbers that are never given to anyone (the French range for films); one in nine people left none."""
    digits = pc.utf8_lpad(integers(rows * 7919 % 10_000), 4, "0")
    return where(rows % 9 != 4, joined(pa.scalar("+3363998"), digits))


def write_accounts(frame: Frame, cast: Cast, ids: Ids, folder: Path) -> int:
    """accounts.csv; one size in seven and one number in five are unknown."""
    rows, companies, places = _by_number(ids.account), cast.companies, frame.words["places"]
    count, rng = len(rows), frame.rng("accounts")
    place, employees = companies.place[rows], companies.employees[rows]
    revenue = (employees * 110_000 * np.exp(rng.normal(0, 0.5, count))).astype(np.int64) // 1000 * 100_000
    sized, told = rng.random(count) > 0.15, rng.random(count) > 0.4
    codes = [sector.code for sector in frame.law.sectors]
    rest = pc.utf8_lpad(integers(rng.integers(0, 99, count) * 10), 3, "0")
    postal = joined(coded(place, [where_["department"] for where_ in places]), rest)
    with TableFile.canonical(folder, "accounts", ("type_compte",)) as file:
        file.write({
            "account_id": numbered("A", ids.account[rows]), "name": company_names(frame, companies, rows),
            "domain": domains(frame, companies, rows), "country": constant("FR", count),
            "region": coded(place, [where_["region"] for where_ in places]), "postal_code": postal,
            "industry": coded(companies.sector[rows], codes), "industry_scheme": constant("NAF", count),
            "employees": where(sized, integers(employees)), "annual_revenue": where(told, hundredths(revenue)),
            "currency": constant(frame.law.currency, count),
            "company_number": where(rng.random(count) > 0.2, integers(company_numbers(rows))),
            "created_at": instants(frame.clock, companies.created[rows]),
            "type_compte": coded(companies.customer[rows].astype(np.int64), ("Prospect", "Client")),
        })  # fmt: skip
        return file.rows


def company_numbers(rows: Ints) -> Ints:
    """Made-up SIREN numbers (nine digits, the last by Luhn), all different.

    >>> company_numbers(np.array([0, 1])).tolist()
    [300000007, 307000018]
    """
    base = 30_000_000 + rows * 700_001 % 59_999_999
    digits = base[:, None] // 10 ** np.arange(8) % 10
    doubled = digits * np.where(np.arange(8) % 2 == 0, 2, 1)
    total = (doubled // 10 + doubled % 10).sum(1)
    return np.asarray(base * 10 + (10 - total % 10) % 10, np.int64)


def write_contacts(frame: Frame, cast: Cast, ids: Ids, folder: Path) -> int:
    """contacts.csv."""
    rows, persons = _by_number(ids.contact), cast.persons
    company = persons.company[rows]
    with TableFile.canonical(folder, "contacts") as file:
        file.write({
            "contact_id": numbered("C", ids.contact[rows]),
            "account_id": numbered("A", np.where(company >= 0, ids.account[company], -1)),
            "email": emails(frame, cast, rows), "phone": phones(rows),
            "title": coded(persons.title[rows], title_words(frame)[0]),
            "created_at": instants(frame.clock, persons.created[rows]),
        })  # fmt: skip
        return file.rows


def write_roles(frame: Frame, cast: Cast, ids: Ids, folder: Path) -> int:
    """roles.csv: what the contact of one deal in three does in it."""
    deals, rng = cast.opportunities, frame.rng("roles")
    rows = np.flatnonzero((rng.random(frame.size) < 0.35) & (deals.company >= 0))
    decides = cast.persons.decides[deals.person[rows]]
    drawn = rng.integers(1, len(ROLES), len(rows))
    with TableFile.canonical(folder, "roles") as file:
        file.write({
            "opportunity_id": numbered("O", rows + 1), "contact_id": numbered("C", ids.contact[deals.person[rows]]),
            "role": coded(np.where(decides, 0, drawn), ROLES),
        })  # fmt: skip
        return file.rows


def write_owners(frame: Frame, cast: Cast, folder: Path) -> int:
    """owners.csv."""
    owners, words = cast.owners, frame.words
    number = np.arange(1, len(owners.team) + 1)
    name = joined(coded(owners.first, words["first"]), pa.scalar(" "), coded(owners.family, words["family"]))
    with TableFile.canonical(folder, "owners") as file:
        file.write({
            "owner_id": numbered("U", number, 4), "name": name, "team": coded(owners.team, owners.teams),
            "manager_id": numbered("U", np.where(owners.lead + 1 == number, -1, owners.lead + 1), 4),
            "active_from": instants(frame.clock, owners.since), "active_until": instants(frame.clock, owners.left),
        })  # fmt: skip
        return file.rows


def write_stages(frame: Frame, folder: Path) -> int:
    """stages.csv."""
    stages, rows = opportunity_stages(frame.law), []
    for p, process in enumerate(frame.law.processes):
        low = int(stages.offset[p])
        for position in range(int(stages.count[p]) + 3):
            kind = ("open", "dormant", "won", "lost")[max(0, position - int(stages.count[p]) + 1)]
            rows.append((process, stages.names[low + position], position + 1, kind, stages.probability[low + position]))
    rows = [row for row in rows if row[1] != "-"]
    names = ("process", "stage", "position", "kind", "default_probability")
    with TableFile.canonical(folder, "stages") as file:
        file.write(dict(zip(names, _columns(rows), strict=True)))
        return file.rows


def write_attributes(folder: Path) -> int:
    """attributes.csv: the custom fields that are accepted, and the one that must never be used."""
    with TableFile.canonical(folder, "attributes") as file:
        names = ("entity", "field", "known_at", "type", "label")
        file.write(dict(zip(names, _columns(ATTRIBUTES), strict=True)))
        return file.rows


def _columns(rows: Sequence[Sequence[object]]) -> list[Text]:
    return [pa.array([str(value) for value in column], pa.string()) for column in zip(*rows, strict=True)]
