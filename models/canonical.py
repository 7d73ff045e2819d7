"""JSON with one spelling: the same value always gives the same bytes, and floats come back bit for bit."""

import json
from typing import Any


def to_bytes(value: object) -> bytes:
    """`value` as UTF-8 JSON: keys sorted, no spaces to choose, floats in their shortest exact form.

    Raises ValueError for NaN or infinity: what is missing is written as null.

    >>> to_bytes({"b": 0.1, "a": (1, "é")}).decode()
    '{"a":[1,"é"],"b":0.1}\\n'
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode() + b"\n"


def from_bytes(data: bytes) -> Any:
    """The value of JSON bytes.

    >>> from_bytes(to_bytes([0.1 + 0.2]))[0] == 0.1 + 0.2
    True
    """
    return json.loads(data)
