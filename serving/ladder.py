"""The fallback ladder: champion, previous champion, scorecard, base rate. There is always an answer; it says which."""

import logging
from dataclasses import replace
from zoneinfo import ZoneInfo

from features.asof import features_at
from features.catalog import catalog_for
from features.columns import MISSING, Words, words
from features.crm.values import exponent_of
from features.history import History
from features.labels import gone
from features.matrix import Matrix
from features.settings import Settings
from features.streams import Streams
from features.view import Rows, View
from serving.answers import Said
from serving.completing import completed, lacking
from serving.guard import where
from serving.live import Rung, State
from serving.rungs import Asked, by_base_rate, by_model, by_scorecard, shipped_scorecard

log = logging.getLogger("plumbline.serving")


def say(state: State, history: History, row: Rows, target: str, settings: Settings) -> tuple[Said, Matrix | None]:
    """What is said of one record at one instant, and the features it was said from (None where there are none)."""
    rungs = state.ladder(history.kind, target)
    ended = _ended(history, row, target)
    if ended:
        first = rungs[0] if rungs else None
        return Said(
            first.kind if first else "scorecard", first.served.version if first else None, {}, (), (ended,)
        ), None
    as_of = int(row.as_of[0])
    try:
        return _climb(rungs, _asked(history, state.streams, row, settings))
    except Exception as error:
        log.error("features could not be computed: %s", where(error))
        return by_base_rate(state.streams, history.kind, target, as_of), None


def _ended(history: History, row: Rows, target: str) -> str:
    """The note of a record that is no longer open; "" for one that is."""
    if history.outcomes[target].last(row.record, row.as_of)[0] >= 0:
        return "closed"
    return "gone" if gone(history, int(row.as_of[0]))[row.record[0]] else ""


def _asked(history: History, streams: Streams | None, row: Rows, settings: Settings) -> Asked:
    if streams is None:
        raise LookupError("the cross-record streams are not loaded")
    amount, currency = amount_of(history, streams, row, settings)
    return Asked(
        matrix=features_at(history, streams, row),
        features=catalog_for(history).by_name,
        as_of=int(row.as_of[0]),
        zone=ZoneInfo(settings.timezone),
        amount=amount[0],
        currency=currency[0],
        main_currency=settings.currency,
    )


def amount_of(
    history: History, streams: Streams, rows: Rows, settings: Settings
) -> tuple[list[float | None], list[str | None]]:
    """What each row's record is worth as known at its as-of, in units of its currency; None for what has no amount."""
    column = View(history, streams, rows).value("amount")
    if column is None or isinstance(column, Words):
        return [None] * len(rows), [None] * len(rows)
    named = words(history.own.table, "currency").take(rows.record).tolist()
    currency = [name or settings.currency for name in named]
    pairs = zip(column.tolist(), currency, strict=True)
    amounts = [None if minor == MISSING else minor / 10 ** exponent_of(name) for minor, name in pairs]
    return amounts, list(currency)


def _climb(rungs: tuple[Rung, ...], asked: Asked) -> tuple[Said, Matrix]:
    """The answer of the best trained model that can give one, else of the scorecard, and the features it was given."""
    for rung in rungs:
        try:
            model = rung.served.model
            fitting = replace(asked, matrix=completed(model, asked.matrix))
            said = replace(by_model(rung, fitting), lacking=lacking(model, asked.features.values()))
            return said, fitting.matrix
        except Exception as error:
            log.error("the %s %s could not answer: %s", rung.kind, rung.served.version, where(error))
    return by_scorecard(shipped_scorecard(), asked), asked.matrix
