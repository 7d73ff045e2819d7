"""A chunk of texts -> typed columns, with a finding for every text that was repaired or could not be used."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.columns import MISSING, Bools, Columns, Ints, Words
from features.crm.bounds import BOUNDS, is_percent
from features.crm.commas import ENTITIES, plain
from features.crm.findings import Findings, Outcome
from features.crm.reader import Chunk
from features.crm.schema import Column, Table
from features.crm.texts import exponent_of, is_amount, read_decimal, read_instant, read_number
from features.crm.values import Parsed, Texts, canonical, decimal_commas, instants, money, numbers
from features.crm.vocabulary import EMPTY_WORDS, closing_kind, currency_code, ending_kind, period, vocabulary

MAX_ID = 200
"""Characters of an identifier: database indexes hold no long texts."""

_DECISIVE = {("opportunities", "outcome"), ("stages", "kind")}
"""Optional columns that decide outcomes: an unknown word there costs the row, for it would teach the wrong thing."""

_UNREADABLE = frozenset({"not a date", "year out of range", "not a number", "not finite"})


@dataclass(frozen=True, slots=True)
class Context:
    """What rows are understood with: time zone, default currency, source, arrival, the kinds of known stages, and the
    columns (`table.column`) known to have decimal commas: no others where the files were `judged`.
    """

    timezone: str
    currency: str
    crm: str
    seen_at: int
    stage_kinds: Mapping[tuple[str, str], str] = field(default_factory=dict)
    commas: frozenset[str] = frozenset()
    judged: bool = False

    def comma(self, table: str, column: str) -> bool | None:
        """Whether a column has decimal commas; None where only its values can tell."""
        return f"{table}.{column}" in self.commas or (False if self.judged else None)

    def kind_of(self, process: str, stage: str, *, closed: bool) -> str | None:
        """The kind of a stage: as `stages` has it, else as its name reads (won or lost); any word of it tells where the
        record is `closed`.
        """
        kind = self.stage_kinds.get((process, stage)) or closing_kind(stage)
        return kind or (ending_kind(stage) if closed else None)


class Conversion:
    """The columns of one chunk, taken step by step from text to type; `run` takes them all."""

    def __init__(self, table: Table, chunk: Chunk, context: Context) -> None:
        self.table, self.context, self.chunk = table, context, chunk
        self.findings = Findings(len(chunk.lines))
        self.texts = dict(chunk.texts)
        self.given = self.texts
        self.custom = dict(chunk.custom)
        self.columns: Columns = {}

    def run(self) -> None:
        """Take every step; `given` keeps the texts as they were before words were looked up."""
        for rule, rows in self.chunk.marks.items():
            self.note("", rule, rows)
        self.tidy()
        self.given = dict(self.texts)
        self.words()
        self.changes()
        self.currencies()
        self.convert()
        self.customs()

    def times(self, name: str) -> Ints:
        """A time column, all unknown when the rows lack it."""
        return cast(Ints, self.columns.get(name, np.full(len(self.chunk.lines), MISSING, np.int64)))

    def words_of(self, name: str) -> Words:
        """A text column, all unknown when the rows lack it."""
        return cast(Words, self.columns.get(name, Words(np.full(len(self.chunk.lines), -1, np.int32), ())))

    def note(
        self, column: str, rule: str, rows: Ints | Bools, outcome: Outcome = "repaired", listed: bool = False
    ) -> None:
        """Note rows that meet a rule; what is shown of them is the shape of the text as given, or the word."""
        self.findings.note(column, rule, rows, outcome, (self.chunk.texts | self.chunk.custom).get(column), listed)

    def cost(self, column: Column, rule: str) -> Outcome:
        """What a value that cannot be used costs."""
        decides = rule == "unknown currency" or (self.table.name, column.name) in _DECISIVE
        return "quarantined" if column.required or decides else "repaired"

    # texts

    def tidy(self) -> None:
        """Take off spaces, and words that mean empty from columns that are not free text."""
        for column in self.table.columns:
            if column.name in self.texts:
                self.texts[column.name] = self._trimmed(column.name, self.texts[column.name])
                if column.type != "text":
                    self.texts[column.name] = self._without_empty_words(column.name, self.texts[column.name])

    def _trimmed(self, name: str, texts: Texts) -> Texts:
        trimmed = pc.utf8_trim_whitespace(texts)
        if pc.sum(pc.binary_length(trimmed)) == pc.sum(pc.binary_length(texts)):
            return texts
        self.note(name, "spaces", mask(pc.not_equal(trimmed, texts)))
        return pc.if_else(pc.equal(trimmed, ""), None, trimmed)

    def _without_empty_words(self, name: str, texts: Texts) -> Texts:
        empty = mask(pc.is_in(pc.utf8_lower(texts), pa.array(sorted(EMPTY_WORDS))))
        if not empty.any():
            return texts
        self.note(name, "empty word", empty)
        return pc.if_else(pa.array(empty), None, texts)

    def words(self) -> None:
        """Closed vocabularies, periods and currencies, each text in its canonical form."""
        for column in self.table.columns:
            if column.name not in self.texts:
                continue
            if column.words:
                self._reword(column, vocabulary(column), "word", "unknown word")
            elif column.name == "period":
                self._reword(column, period, "period", "not a period")
            elif column.name == "currency":
                self._reword(column, currency_code, "currency", "unknown currency")

    def _reword(self, column: Column, read: Callable[[str], str | None], repaired: str, unknown: str) -> None:
        texts = self.texts[column.name]
        coded = texts.dictionary_encode()
        found = coded.dictionary.to_pylist()
        answers = [read(text) for text in found]
        if answers == found:
            return
        given = mask(pc.is_valid(texts))
        new = pc.take(pa.array(answers, pa.string()), coded.indices)
        unread = given & ~mask(pc.is_valid(new))
        self.note(column.name, unknown, unread, self.cost(column, unknown), listed=bool(column.words))
        self.note(column.name, repaired, given & ~unread & mask(pc.not_equal(new, texts)))
        self.texts[column.name] = new

    # types

    def convert(self) -> None:
        """Every canonical column in its type."""
        for column in self.table.columns:
            if column.name in self.texts:
                self._convert(column, self.texts[column.name])

    def _convert(self, column: Column, texts: Texts) -> None:
        if column.type in ("id", "text"):
            self.columns[column.name] = self._identified(column, texts) if column.type == "id" else as_words(texts)
            return
        parsed = self._parsed(column, texts)
        for rule, rows in parsed.notes.items():
            if rule == "too large":
                self.note(column.name, rule, rows, "quarantined")
            else:
                self.note(column.name, rule, rows, self.cost(column, rule) if rule in _UNREADABLE else "repaired")
        self.columns[column.name] = self._bounded(column, parsed)

    def _parsed(self, column: Column, texts: Texts) -> Parsed:
        if column.type == "time":
            return instants(texts, self.context.timezone, start=column.start)
        comma = self.context.comma(self.table.name, column.name)
        if column.type == "number":
            return numbers(texts, comma)
        currencies = self.texts.get("currency")
        return money(texts, self.context.currency if currencies is None else currencies.to_pylist(), comma)

    def _bounded(self, column: Column, parsed: Parsed) -> Ints:
        values, missing = parsed.values, MISSING if column.type == "money" else np.nan
        bounds = BOUNDS.get(column.name)
        if bounds is None:
            return values  # type: ignore[return-value]
        if bounds.share:
            percent = (values > 1) & (values <= 100)
            self.note(column.name, "percent", percent)
            values = np.where(percent, values / 100, values)
        for rule, wrong in bounds.broken(values).items():
            self.note(column.name, rule, wrong, self.cost(column, rule))
            values = np.where(wrong, missing, values)
        return values  # type: ignore[return-value]

    def _identified(self, column: Column, texts: Texts) -> Words:
        long = mask(pc.greater(pc.utf8_length(texts), MAX_ID))
        self.note(column.name, "id too long", long, "quarantined")
        return prefixed(as_words(texts), self.context.crm)

    def currencies(self) -> None:
        """An amount that names no currency is in the configured one, and says so from now on."""
        amounts = [column.name for column in self.table.columns if column.type == "money" and column.name in self.texts]
        if not amounts:
            return
        texts = self.texts.get("currency", pa.nulls(len(self.chunk.lines), pa.string()))
        priced = np.any([mask(pc.is_valid(self.texts[name])) for name in amounts], axis=0)
        bare = priced & ~mask(pc.is_valid(texts))
        self.texts["currency"] = pc.if_else(pa.array(bare), self.context.currency, texts)

    def changes(self) -> None:
        """The values of `changes` in canonical text, so that they compare: UTC times, plain numbers, prefixed ids."""
        if self.table.name != "changes" or not {"entity", "field", "new"} <= set(self.texts):
            return
        pairs = Words.of(
            f"{entity} {name}" if entity and name else None
            for entity, name in zip(self.texts["entity"].to_pylist(), self.texts["field"].to_pylist(), strict=True)
        )
        for code, pair in enumerate(pairs.words):
            entity, _, name = pair.partition(" ")
            table = ENTITIES.get(entity)
            column = table.column(name) if table else None
            rows = np.flatnonzero(pairs.codes == code)
            comma = self.context.comma(table.name if table else entity, name)
            if column is not None and (column.type != "text" or column.words):
                self._canonical_values(column, rows, comma)
            elif comma:
                self._plain_values(rows)

    def _plain_values(self, rows: Ints) -> None:
        """The values of a custom field that has decimal commas."""
        for name in {"old", "new"} & set(self.texts):
            texts = self.texts[name].take(pa.array(rows))
            self._replace(name, rows, texts, plain(texts))

    def _replace(self, name: str, rows: Ints, texts: Texts, found: Texts) -> None:
        if found != texts:
            here = np.isin(np.arange(len(self.chunk.lines)), rows)
            self.texts[name] = pc.replace_with_mask(self.texts[name], pa.array(here), found)

    def customs(self) -> None:
        """Custom fields stay as they are, but for points that separate thousands in columns with decimal commas."""
        for name, texts in self.custom.items():
            if self.context.comma(self.table.name, name):
                self.custom[name] = plain(texts)
                self.note(name, "thousands separator", mask(pc.not_equal(texts, self.custom[name])))

    def _canonical_values(self, column: Column, rows: Ints, comma: bool | None) -> None:
        given = {name: self.texts[name].take(pa.array(rows)) for name in ("old", "new") if name in self.texts}
        comma = decimal_commas(*given.values()) if comma is None else comma
        for name, texts in given.items():
            found, notes = _canonical_texts(column, texts, self.context, comma)
            for rule, at in notes.items():
                lost = rule in _UNREADABLE or rule in ("unknown word", "too large")
                self.note(name, rule, rows[at], "quarantined" if lost and name == "new" else "repaired")
            self._replace(name, rows, texts, found)


def as_words(texts: Texts) -> Words:
    """A text column as words.

    >>> as_words(pa.array(["a", None, "a"])).codes.tolist()
    [0, -1, 0]
    """
    coded = texts.dictionary_encode()
    codes = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
    return Words(codes, tuple(coded.dictionary.to_pylist()))


def prefixed(words: Words, crm: str) -> Words:
    """Identifiers in the namespace of their source.

    >>> prefixed(Words.of(["7", None]), "hubspot").tolist()
    ['hubspot:7', None]
    """
    return Words(words.codes, tuple(f"{crm}:{word}" for word in words.words)) if crm else words


def mask(found: Texts) -> Bools:
    """A pyarrow truth column as a mask; unknown is false."""
    return np.asarray(pc.fill_null(found, False).to_numpy(zero_copy_only=False), np.bool_)


def _canonical_texts(column: Column, texts: Texts, context: Context, comma: bool) -> tuple[Texts, dict[str, Ints]]:
    """The texts of one field's changes in canonical form, and the rules that applied."""
    coded = texts.dictionary_encode()
    answers = [_canonical_text(column, text, context, comma) for text in coded.dictionary.to_pylist()]
    codes = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    rules = np.array([*(rule for _, rule in answers), ""])[codes]
    found = pc.take(pa.array([text or None for text, _ in answers], pa.string()), coded.indices)
    return found, {str(rule): np.flatnonzero(rules == rule) for rule in np.unique(rules) if rule}


def _canonical_text(column: Column, text: str, context: Context, comma: bool) -> tuple[str, str]:
    """One value of a change in canonical form, and the rule that applied."""
    if column.type == "id":
        return (f"{context.crm}:{text}" if context.crm else text), ""
    if column.type == "text":
        word = vocabulary(column)(text)
        return (word or "", "unknown word" if word is None else "" if word == text else "word")
    if column.type == "money":
        return _canonical_amount(column, text, context, comma)
    if column.type == "time":
        instant, rule = read_instant(text, ZoneInfo(context.timezone), start=column.start)
        return canonical(instant, "time"), rule
    return _canonical_number(column, text, comma)


def _canonical_amount(column: Column, text: str, context: Context, comma: bool) -> tuple[str, str]:
    amount, rule = read_decimal(text, comma)
    if amount is None:
        return "", rule
    if amount.adjusted() < -18 or not is_amount(amount, exponent_of(context.currency)):
        return "", "too large"
    broken = BOUNDS[column.name].rule(amount) if column.name in BOUNDS else ""
    return ("", broken) if broken else (format(amount.normalize(), "f"), rule)


def _canonical_number(column: Column, text: str, comma: bool) -> tuple[str, str]:
    value, rule = read_number(text, comma)
    bounds = BOUNDS.get(column.name)
    if value is not None and bounds is not None:
        if bounds.share and is_percent(value):
            value, rule = value / 100, "percent"
        if broken := bounds.rule(value):
            return "", broken
    return canonical(value, "number"), rule
