"""Amounts: several currencies, none where one is needed, the same everywhere, or out of all measure."""

from collections.abc import Iterator

import numpy as np

from features.columns import MISSING, Bools, Ints, Words
from features.crm.health.check import Check, Found
from features.crm.health.groups import grouped
from features.crm.health.snapshot import Snapshot, label
from features.firmographics.rates import convert

ENOUGH = 50
OUT_OF_MEASURE = 100
"""An amount so many times the largest of 99 % of its process's is taken for a mistake of unit or a slip."""


def _main(currency: Words) -> tuple[int, str]:
    """The code and word of the most frequent currency; -2 where none is named."""
    counts = np.bincount(currency.codes[currency.codes >= 0], minlength=len(currency.words))
    return (int(np.argmax(counts)), currency.words[int(np.argmax(counts))]) if counts.any() else (-2, "")


def _mixed(snapshot: Snapshot) -> Iterator[Found]:
    currency, priced = snapshot.words("opportunities", "currency"), snapshot.ints("opportunities", "amount") != MISSING
    code, name = _main(currency.take(priced))
    yield snapshot.found("opportunities", priced & (currency.codes >= 0) & (currency.codes != code), priced, main=name)


def _unnamed(snapshot: Snapshot) -> Iterator[Found]:
    currency, priced = snapshot.words("opportunities", "currency"), snapshot.ints("opportunities", "amount") != MISSING
    rows = priced & (currency.codes < 0)
    if (currency.codes[priced] >= 0).any():
        yield snapshot.found("opportunities", rows, priced, assumed=snapshot.currency)


def _quota_currency(snapshot: Snapshot) -> Iterator[Found]:
    quota, deals = snapshot.words("quotas", "currency"), snapshot.words("opportunities", "currency")
    sold = {word or snapshot.currency for word in deals.tolist()}
    rows = np.array([(word or snapshot.currency) not in sold for word in quota.tolist()], bool)
    yield snapshot.found("quotas", rows, main=_main(deals)[1] or snapshot.currency)


def _won_for_nothing(snapshot: Snapshot) -> Iterator[Found]:
    amount, recurring = (snapshot.ints("opportunities", name) for name in ("amount", "recurring_amount"))
    won = snapshot.won() & snapshot.live("opportunities")
    if (amount != MISSING).any():
        yield snapshot.found("opportunities", won & (np.maximum(amount, 0) + np.maximum(recurring, 0) == 0), won)


def _same_amount(snapshot: Snapshot) -> Iterator[Found]:
    amount = snapshot.ints("opportunities", "amount")
    priced = amount > 0
    groups = grouped(np.where(priced, amount, -1))
    if priced.sum() >= ENOUGH and groups.size.max() > 0.3 * priced.sum():
        rows = groups.code == int(np.argmax(groups.size))
        yield snapshot.found("opportunities", rows, priced)


def _assumed(snapshot: Snapshot, table: str) -> Words:
    """The currency of each row, the reporting one where it names none."""
    currency = snapshot.words(table, "currency")
    unnamed = np.int32(len(currency.words))
    return Words(np.where(currency.codes < 0, unnamed, currency.codes), (*currency.words, snapshot.currency))


def _comparable(snapshot: Snapshot) -> tuple[Ints, Ints]:
    """Amounts in the reporting currency, and -1; one that no rate of its creation's day converts stays as it is, with
    the code of its own currency.
    """
    amount, currency = snapshot.ints("opportunities", "amount"), _assumed(snapshot, "opportunities")
    told = convert(amount, currency, snapshot.currency, snapshot.ints("opportunities", "created_at"))
    alone = (told == MISSING) & (amount != MISSING)
    return np.where(alone, amount, told), np.where(alone, currency.codes.astype(np.int64), -1)


def _out_of_measure(amount: Ints, unit: Ints, mine: Bools) -> tuple[Bools, Bools]:
    """Of these rows those far above the others of their unit; and those that enough others share it with to judge."""
    far, judged = np.zeros(len(amount), bool), np.zeros(len(amount), bool)
    for one in np.unique(unit[mine]).tolist():
        alike = mine & (unit == one)
        if alike.sum() >= ENOUGH:
            judged |= alike
            far |= alike & (amount > OUT_OF_MEASURE * float(np.quantile(amount[alike], 0.99, method="lower")))
    return far, judged


def _outliers(snapshot: Snapshot) -> Iterator[Found]:
    (amount, unit), process = _comparable(snapshot), snapshot.words("opportunities", "process")
    for code in np.unique(process.codes).tolist():
        far, judged = _out_of_measure(amount, unit, (process.codes == code) & (amount > 0))
        name = label(process.words[code] if code >= 0 else None)
        yield snapshot.found("opportunities", far, judged, process=name)


def _revenue(snapshot: Snapshot) -> Iterator[Found]:
    """Under 100 or over 50 million euros a head: one of the two is in another unit. Without a rate nothing is said."""
    given = snapshot.ints("accounts", "annual_revenue")
    today = np.full(len(given), snapshot.until)
    revenue = convert(given, _assumed(snapshot, "accounts"), "EUR", today)
    employees = np.asarray(snapshot.numbers("accounts", "employees"), np.float64)
    told = (revenue > 0) & (employees >= 1)
    each = np.where(told, revenue / 100 / np.where(told, employees, 1), 1e5)
    yield snapshot.found("accounts", told & ((each < 100) | (each > 5e7)), told)


CHECKS = (
    Check(
        "mixed_currencies", "worth knowing", ("opportunities",), _mixed,
        ("in another currency than {main}", "dans une autre devise que {main}"),
        ("Nothing to do if it is meant: forecasts come by currency. Otherwise correct the currency in the CRM.",
         "Rien à faire si c'est voulu : les prévisions sont par devise. Sinon corrigez la devise dans le CRM."),
    ),
    Check(
        "currency_missing", "suspect", ("opportunities",), _unnamed,
        ("with an amount and no currency, while others name theirs; taken for {assumed}",
         "avec un montant mais sans devise, alors que d'autres l'indiquent ; prise{s} pour {assumed}"),
        ("Fill the currency, or set PLUMBLINE_CURRENCY before the import.",
         "Renseignez la devise, ou réglez PLUMBLINE_CURRENCY avant l'import."),
    ),
    Check(
        "quota_currency", "wrong", ("quotas", "opportunities"), _quota_currency,
        ("in a currency in which nothing is sold (sales are in {main})",
         "dans une devise où rien n'est vendu (les ventes sont en {main})"),
        ("Convert the quotas, or correct their currency: they are never met as they stand.",
         "Convertissez les objectifs, ou corrigez leur devise : ils ne sont jamais atteints en l'état."),
    ),
    Check(
        "won_for_nothing", "suspect", ("opportunities",), _won_for_nothing,
        ("won without an amount, or for 0", "gagnée{s} sans montant, ou à 0"),
        ("Fill the amount at closing: forecasts of revenue leave these out.",
         "Renseignez le montant à la clôture : les prévisions de chiffre d'affaires ignorent celles-ci."),
    ),
    Check(
        "same_amount", "suspect", ("opportunities",), _same_amount,
        ("of one and the same amount: a default, not an estimate",
         "d'un seul et même montant : un défaut, pas une estimation"),
        ("Remove the default in the CRM; until then forecast in number of wins rather than revenue.",
         "Ôtez ce défaut dans le CRM ; d'ici là, prévoyez en nombre d'affaires plutôt qu'en chiffre d'affaires."),
        above="over 30% of 50 and more",
    ),
    Check(
        "amount_out_of_measure", "suspect", ("opportunities",), _outliers,
        ("of the process {process}: an amount over 100 times all but the largest hundredth",
         "du processus {process} : montant plus de 100 fois supérieur à 99 % des autres"),
        ("Look for cents taken for units, or a slip; one such deal outweighs the whole forecast.",
         "Cherchez des centimes pris pour des unités, ou une faute de frappe ; une seule fausse toute la prévision."),
        above="50 amounts of the process and more",
    ),
    Check(
        "revenue_a_head", "suspect", ("accounts",), _revenue,
        ("annual revenue under 100 or over 50 million euros a head",
         "chiffre d'affaires par tête sous 100 ou sur 50 millions d'euros"),
        ("One of the two is in thousands, or a slip: correct it in the CRM.",
         "L'un des deux est en milliers, ou une faute de frappe : corrigez dans le CRM."),
    ),
)  # fmt: skip
