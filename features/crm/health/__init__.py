"""Data health: every class of bad data that a store can show, found, counted and told with what to do about it.

The checks are rows of one table (`features.crm.health.table.CHECKS`), grouped in modules by theme.
"""

from features.crm.health.check import LANGUAGES, Check, Example, Finding, Found, Language, Severity
from features.crm.health.run import Health, check_store
from features.crm.health.told import advice, empty_store, render, row, says, table

__all__ = [
    "LANGUAGES",
    "Check",
    "Example",
    "Finding",
    "Found",
    "Health",
    "Language",
    "Severity",
    "advice",
    "check_store",
    "empty_store",
    "render",
    "row",
    "says",
    "table",
]
