"""Short texts as hashed terms: each term falls into one of a fixed number of buckets, whatever words come later.

The hashing trick of Weinberger et al., "Feature Hashing for Large Scale Multitask Learning" (ICML 2009), without signs:
a bucket says how many of a text's different terms it holds.
"""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from features.columns import Floats

BUCKETS = 16

_TERM = re.compile(r"[^\W\d_]{2,}")


def terms_of(text: str) -> set[str]:
    """The different terms of a text: runs of two or more letters, without case or accents.

    >>> sorted(terms_of("Étude de prix n° 12, prix ferme"))
    ['de', 'etude', 'ferme', 'prix']
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    return set(_TERM.findall("".join(letter for letter in plain if not unicodedata.combining(letter))))


@lru_cache(maxsize=65_536)
def bucket_of(term: str) -> int:
    """The bucket of a term, the same on every machine.

    >>> bucket_of("prix"), bucket_of("etude")
    (0, 12)
    """
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=8).digest(), "big") % BUCKETS


def buckets(texts: Sequence[str]) -> Floats:
    """float64[buckets, texts + 1]: how many different terms of each text fall into each bucket; NaN last, for no text.

    >>> buckets(["prix étude prix"]).sum(axis=0).tolist()
    [2.0, nan]
    """
    table = np.zeros((BUCKETS, len(texts) + 1))
    table[:, -1] = np.nan
    for place, text in enumerate(texts):
        for term in terms_of(text):
            table[bucket_of(term), place] += 1
    return table
