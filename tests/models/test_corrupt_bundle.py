"""Hundreds of damaged bundles: each refused before any parser runs, while the loaded model goes on answering."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from features.matrix import Matrix
from models import bundle, sealed
from models.bundle import BundleError, load_bundle, write_bundle
from models.model import Model

EACH = 40


def damaged(content: bytes, rng: np.random.Generator) -> Iterator[bytes]:
    """Truncated, with one flipped bit, with a block of zeros, with a byte more."""
    for turn in range(EACH):
        at = int(rng.integers(len(content)))
        if turn % 4 == 0:
            yield content[:at]
        elif turn % 4 == 1:
            yield content[:at] + bytes([content[at] ^ 1 << int(rng.integers(8))]) + content[at + 1 :]
        elif turn % 4 == 2:
            yield content[:at] + bytes(min(512, len(content) - at)) + content[at + 512 :]
        else:
            yield content[:at] + b"1" + content[at:]


def test_no_damaged_bundle_reaches_a_parser(
    tmp_path: Path, boosted_model: Model, matrix: Matrix, key: Ed25519PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = write_bundle(boosted_model, matrix, tmp_path, key)
    bundle._tried.add(version)
    serving = load_bundle(tmp_path, version, key.public_key())
    before = serving.predict(matrix).log_odds
    parsed: list[str] = []

    def manifest(data: bytes) -> Any:
        parsed.append("manifest")
        return json.loads(data)

    monkeypatch.setattr(sealed, "from_bytes", manifest)
    monkeypatch.setattr(bundle, "complaint", lambda *_: parsed.append("child"))
    monkeypatch.setattr(bundle, "_parsed", lambda *_: parsed.append("model"))
    rng, refusals = np.random.default_rng(0), 0
    for path in sorted((tmp_path / version).iterdir()):
        whole = path.read_bytes()
        for content in (content for content in damaged(whole, rng) if content != whole):
            path.write_bytes(content)
            with pytest.raises(BundleError):
                load_bundle(tmp_path, version, key.public_key())
            refusals += 1
        path.write_bytes(whole)
        signed = path.name in (sealed.MANIFEST, sealed.SIGNATURE)
        assert set(parsed) == (set() if signed else {"manifest"})
        parsed.clear()
    assert refusals > 7 * EACH - 20
    assert (serving.predict(matrix).log_odds == before).all()
    load_bundle(tmp_path, version, key.public_key())
    assert parsed == ["manifest", "model"]
