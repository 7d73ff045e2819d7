"""Bundles: the same model gives the same version, and nothing that differs from what was signed is ever used."""

import io
import os
import shutil
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from features.matrix import Matrix
from models import bundle, sealed, trial
from models.bundle import BundleError, describe, load_bundle, versions, write_bundle
from models.canonical import from_bytes, to_bytes
from models.golden import golden_bytes
from models.model import Model
from models.sealed import facts_of, seal, unseal, version_of
from models.trial import complaint
from tests.models.conftest import HEADS, boosted, model_of


@pytest.fixture
def written(tmp_path: Path, boosted_model: Model, matrix: Matrix, key: Ed25519PrivateKey) -> tuple[Path, str]:
    """A root with one version in it, already tried in a child process."""
    version = write_bundle(boosted_model, matrix, tmp_path, key)
    bundle._tried.add(version)
    return tmp_path, version


def test_the_first_load_is_tried_in_a_child_and_answers_bit_for_bit(
    tmp_path: Path, boosted_model: Model, matrix: Matrix, key: Ed25519PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "_tried", set())
    version = write_bundle(boosted_model, matrix, tmp_path, key)
    loaded = load_bundle(tmp_path, version, key.public_key())
    assert loaded == boosted_model
    assert (loaded.predict(matrix).log_odds == boosted_model.predict(matrix).log_odds).all()
    monkeypatch.setattr(bundle, "complaint", lambda *_: pytest.fail("tried twice"))
    load_bundle(tmp_path, version, key.public_key())


def test_the_same_model_has_the_same_version_and_bytes_everywhere(
    written: tuple[Path, str], tmp_path: Path, matrix: Matrix, key: Ed25519PrivateKey
) -> None:
    root, version = written
    elsewhere = tmp_path / "deep" / "elsewhere"
    again = model_of(boosted())
    assert write_bundle(again, matrix, elsewhere, key) == version
    assert write_bundle(again, matrix, elsewhere, key) == version
    for path in (root / version).iterdir():
        assert path.read_bytes() == (elsewhere / version / path.name).read_bytes()
    assert versions(elsewhere) == [version]
    assert write_bundle(replace(again, horizon_days=181.0), matrix, elsewhere, key) != version


def test_the_list_and_the_description(written: tuple[Path, str], key: Ed25519PrivateKey) -> None:
    root, version = written
    assert versions(root) == [version]
    assert versions(root / "nowhere") == []
    said = describe(root, version, key.public_key())
    assert (said["kind"], said["horizon_days"], said["version"]) == ("opportunities", 180.0, version)


def test_a_writer_that_is_stopped_leaves_nothing_that_looks_written(
    tmp_path: Path, boosted_model: Model, matrix: Matrix, key: Ed25519PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = os.fsync
    for stop in range(7):
        calls = iter(range(100))

        def fsync(handle: int, calls: object = calls, stop: int = stop) -> None:
            if next(calls) == stop:  # type: ignore[call-overload]
                raise KeyboardInterrupt
            synced(handle)

        monkeypatch.setattr(os, "fsync", fsync)
        with pytest.raises(KeyboardInterrupt):
            write_bundle(boosted_model, matrix, tmp_path, key)
        assert versions(tmp_path) == []
    monkeypatch.setattr(os, "fsync", synced)
    version = write_bundle(boosted_model, matrix, tmp_path, key)
    assert versions(tmp_path) == [version]


def test_a_damaged_or_foreign_folder_is_written_anew(
    written: tuple[Path, str], matrix: Matrix, boosted_model: Model
) -> None:
    root, version = written
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    (root / version / "model.json").write_bytes(b"{}")
    assert write_bundle(boosted_model, matrix, root, other) == version
    assert load_bundle(root, version, other.public_key()) == boosted_model
    assert [path.name for path in root.iterdir()] == [version]


def refused(root: Path, version: str, key: Ed25519PrivateKey) -> str:
    with pytest.raises(BundleError) as caught:
        load_bundle(root, version, key.public_key())
    return str(caught.value)


def test_a_bundle_of_another_key_is_refused(written: tuple[Path, str]) -> None:
    said = refused(*written, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    assert "not signed by the key this service trusts; set PLUMBLINE_VERIFY_KEY" in said


@pytest.mark.parametrize("version", ["../../etc/x", "0" * 15, "G" * 16, "", "0" * 16])
def test_a_version_that_is_none_is_refused(written: tuple[Path, str], version: str, key: Ed25519PrivateKey) -> None:
    assert "plumbline models list" in refused(written[0], version, key)


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig", "model.json", "target.lgb.txt", "golden.json"])
def test_missing_extra_and_linked_files_are_refused(
    written: tuple[Path, str], name: str, key: Ed25519PrivateKey
) -> None:
    root, version = written
    moved = root / "moved"
    (root / version / name).rename(moved)
    assert f"{name} is missing" in refused(root, version, key)
    (root / version / name).symlink_to(moved)
    assert f"{name} is not a regular file (links are refused)" in refused(root, version, key)
    (root / version / name).unlink()
    moved.rename(root / version / name)
    (root / version / "extra.json").write_bytes(b"{}")
    assert "extra.json is extra" in refused(root, version, key)


def test_a_linked_folder_is_refused(written: tuple[Path, str], key: Ed25519PrivateKey) -> None:
    root, version = written
    (root / version).rename(root / "moved")
    (root / version).symlink_to(root / "moved")
    assert "not a folder (links are refused)" in refused(root, version, key)


def test_a_file_grown_past_its_signed_size_is_not_read_to_its_end(
    written: tuple[Path, str], key: Ed25519PrivateKey
) -> None:
    root, version = written
    with open(root / version / "target.lgb.txt", "r+b") as file:
        file.truncate(10**12)  # sparse: reading it all would take the machine down
    assert "larger than the" in refused(root, version, key)


def resigned(root: Path, version: str, key: Ed25519PrivateKey, content: dict[str, object]) -> str:
    """The folder under the version of another manifest, truly signed."""
    manifest = to_bytes(content)
    fresh = version_of(manifest)
    shutil.copytree(root / version, root / fresh)
    (root / fresh / "manifest.json").write_bytes(manifest)
    (root / fresh / "manifest.sig").write_bytes(key.sign(manifest))
    return fresh


def test_another_format_is_refused(written: tuple[Path, str], key: Ed25519PrivateKey) -> None:
    root, version = written
    manifest = from_bytes((root / version / "manifest.json").read_bytes())
    fresh = resigned(root, version, key, manifest | {"format": 2})
    assert "bundle format 2, this version of the software reads 1" in refused(root, fresh, key)


def test_golden_rows_that_score_differently_are_named(written: tuple[Path, str], key: Ed25519PrivateKey) -> None:
    root, version = written
    golden = from_bytes((root / version / "golden.json").read_bytes())
    golden["answers"]["log_odds"][5] = float(np.nextafter(golden["answers"]["log_odds"][5], 9))
    content = to_bytes(golden)
    manifest = from_bytes((root / version / "manifest.json").read_bytes())
    manifest["files"]["golden.json"] = facts_of(content)
    fresh = resigned(root, version, key, manifest)
    (root / fresh / "golden.json").write_bytes(content)
    bundle._tried.add(fresh)
    assert "golden rows score differently here in log_odds;" in refused(root, fresh, key)


def test_what_the_trial_says_is_passed_on(
    written: tuple[Path, str], key: Ed25519PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "_tried", set())
    monkeypatch.setattr(bundle, "complaint", lambda *_: "a trial load ended with -11")
    assert "a trial load ended with -11; serve another version" in refused(*written, key)


def test_signed_files_that_are_no_model_are_refused(written: tuple[Path, str], key: Ed25519PrivateKey) -> None:
    root, version = written
    files = unseal(root, version, key.public_key())
    fresh = seal({**files, "target.json": b'{"kind":"pickle"}'}, root, key)
    bundle._tried.add(fresh)
    assert "not a model this version of the software can read" in refused(root, fresh, key)


def test_two_writers_at_once_leave_one_whole_bundle(
    written: tuple[Path, str], tmp_path: Path, key: Ed25519PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, version = written
    files, second = unseal(root, version, key.public_key()), tmp_path / "second"

    def beaten(fresh: Path, folder: Path) -> None:
        shutil.copytree(root / version, folder)
        raise OSError("the other was quicker")

    monkeypatch.setattr(sealed, "_put_in_place", beaten)
    assert seal(files, second, key) == version
    assert unseal(second, version, key.public_key()) == files
    monkeypatch.setattr(sealed, "_put_in_place", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        seal(files, tmp_path / "third", key)


@pytest.mark.parametrize(("answer", "code"), [(0.0, 1), (None, 0)])
def test_the_child_compares_the_golden_rows(
    boosted_model: Model, matrix: Matrix, answer: float | None, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    golden = from_bytes(golden_bytes(boosted_model, matrix))
    if answer is not None:
        golden["answers"]["score"][0] = answer
    files = {**boosted_model.to_files(), "golden.json": to_bytes(golden)}
    sent = to_bytes({name: len(body) for name, body in files.items()}) + b"".join(files[name] for name in sorted(files))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(sent)))
    assert trial.main() == code


def test_trees_that_end_the_process_end_only_the_child(boosted_model: Model, matrix: Matrix) -> None:
    files = boosted_model.to_files() | {"golden.json": golden_bytes(boosted_model, matrix)}
    assert complaint(files, seconds=60) == ""
    trees = files["target.lgb.txt"]
    broken = files | {"target.lgb.txt": trees[:5_000] + bytes(512) + trees[5_512:]}
    assert "a trial load" in complaint(broken, seconds=20)
    assert "did not end within 0.01 s" in complaint(files, seconds=0.01)


def test_a_model_that_would_change_by_being_written_is_not_written(
    tmp_path: Path, boosted_model: Model, matrix: Matrix, key: Ed25519PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    fewer = model_of(boosted(3)).to_files()
    monkeypatch.setattr(Model, "to_files", lambda _: fewer)
    with pytest.raises(BundleError, match="changes when it is written and read back"):
        write_bundle(boosted_model, matrix, tmp_path, key)
    assert versions(tmp_path) == []


def test_golden_rows_score_the_same_bits_on_a_lesser_processor(matrix: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    optional = import_module("numpy._core._multiarray_umath").__cpu_dispatch__
    blend = model_of(HEADS["blend"]())
    monkeypatch.setenv("NPY_DISABLE_CPU_FEATURES", " ".join(optional))
    assert complaint({**blend.to_files(), "golden.json": golden_bytes(blend, matrix)}, seconds=60) == ""
