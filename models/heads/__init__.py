"""Heads: fitted functions from encoded rows to log-odds. Each kind is a dataclass; nothing is ever unpickled."""

from models.heads.base import Head
from models.heads.blend import KINDS, Blend, read_head
from models.heads.boosted import Boosted
from models.heads.linear import Category, Linear, Number, standardise
from models.heads.tables import Constant, Key, Level, Table

__all__ = [
    "KINDS",
    "Blend",
    "Boosted",
    "Category",
    "Constant",
    "Head",
    "Key",
    "Level",
    "Linear",
    "Number",
    "Table",
    "read_head",
    "standardise",
]
