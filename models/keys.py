"""The trainer's signing key and the public key that bundles are verified with (Ed25519, PEM files)."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)


class KeyFileError(Exception):
    """A key file is absent or not an Ed25519 key; says which file and what to do."""


def make_keys(private: Path, public: Path) -> None:
    """Write a fresh pair: `private` readable by its owner only. Raises FileExistsError rather than replace a key, for
    bundles signed with the old one could no longer be loaded.
    """
    key = Ed25519PrivateKey.generate()
    for path in (private, public):
        path.parent.mkdir(parents=True, exist_ok=True)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write_new(private, secret, 0o600)
    _write_public(public, key.public_key())


def load_private(path: Path) -> Ed25519PrivateKey:
    """The trainer's key. Raises KeyFileError."""
    try:
        key = load_pem_private_key(_read(path), password=None)
    except (ValueError, TypeError) as error:
        raise KeyFileError(
            f"{path} is not a private key in PEM without a password; restore it from a backup"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(f"{path} is a private key of another kind than Ed25519; restore the right one from a backup")
    return key


def load_public(path: Path) -> Ed25519PublicKey:
    """The key bundles are verified with. Raises KeyFileError."""
    try:
        key = load_pem_public_key(_read(path))
    except ValueError as error:
        raise KeyFileError(f"{path} is not a public key in PEM; copy it again from the trainer") from error
    if not isinstance(key, Ed25519PublicKey):
        raise KeyFileError(f"{path} is a public key of another kind than Ed25519; copy the right one from the trainer")
    return key


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise KeyFileError(
            f"{path}: {error.strerror or error}; `plumbline doctor` says how to make the keys"
        ) from error


def _write_public(path: Path, key: Ed25519PublicKey) -> None:
    path.unlink(missing_ok=True)  # it follows from the private key, which was just made
    _write_new(path, key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), 0o644)


def _write_new(path: Path, content: bytes, mode: int) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
