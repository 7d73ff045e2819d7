"""The tables of this room, read from the files beside the code; and texts made comparable with them."""

import csv
import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any

_NOT_A_WORD = re.compile(r"[^a-z0-9]+")


def table(name: str) -> list[list[str]]:
    """The rows of a CSV file without its header.

    >>> table("divisions.csv")[0][:3]
    ['01', 'A', 'Crop and animal production']
    """
    return list(csv.reader(_text(name).splitlines()))[1:]


def groups(name: str) -> dict[str, Any]:
    """A TOML file."""
    return tomllib.loads(_text(name))


@cache
def lines(name: str) -> frozenset[str]:
    """The words of a text file; what follows # is a remark."""
    return frozenset(word for line in _text(name).splitlines() for word in line.partition("#")[0].split())


def plain(text: str) -> str:
    """Lower case without accents, in words of letters and digits divided by single spaces.

    >>> plain(" Œuvre d'ÉTÉ (H/F) "), plain("PRIMARY_SECONDARY"), plain("你好")
    ('oeuvre d ete h f', 'primary secondary', '')
    """
    return _NOT_A_WORD.sub(" ", _folded(text)).strip()


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    spelled = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(letter for letter in spelled if not unicodedata.combining(letter)).lower()


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")
