"""Key files."""

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from models.keys import KeyFileError, load_private, load_public, make_keys


def test_a_pair_that_fits_with_the_private_one_for_its_owner_only(tmp_path: Path) -> None:
    private, public = tmp_path / "keys" / "signing.pem", tmp_path / "keys" / "verify.pem"
    make_keys(private, public)
    load_public(public).verify(load_private(private).sign(b"bundle"), b"bundle")
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        make_keys(private, public)


def test_what_is_no_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    for load in (load_private, load_public):
        with pytest.raises(KeyFileError, match="No such file"):
            load(path)
    path.write_text("not a key")
    for load in (load_private, load_public):
        with pytest.raises(KeyFileError, match="is not a"):
            load(path)
    other = generate_private_key(65537, 2048)
    path.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(KeyFileError, match="another kind"):
        load_private(path)
    path.write_bytes(other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(KeyFileError, match="another kind"):
        load_public(path)
