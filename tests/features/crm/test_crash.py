"""An import that is killed, stopped, out of disk or not alone: what the store holds then, and after the next try."""

import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from features.crm.importer import import_folder
from features.crm.journal import unfinished
from features.crm.store import Store, StoreError
from features.settings import Settings
from serving.doctor import examine
from tests.crm_folder import seeded
from tests.features.crm.folders import SEEN, WEEK, brought, write

PLUMBLINE = [sys.executable, str(Path(__file__).parents[3] / "plumbline.py")]
ROWS = 2_000
KILLS = 2


def make(folder: Path, random: Random, week: int) -> Path:
    """An export of several files: some rows altered each week, some refused, some told by the CRM's own changes."""
    files = {}
    for name, one in (("leads", "lead"), ("opportunities", "opportunity"), ("accounts", "account")):
        lines = [f"{one}_id,created_at,country,source,Size"]
        lines += [
            f"{one}{at},2024-01-{at % 28 + 1:02},{random.choice('AB') if at % 9 == week else 'FR'},x,{at % (7 + week)}"
            for at in range(ROWS)
        ]
        files[name] = "\n".join([*lines, f"{one}1,2024-01-02,conflict,,", f"{one}2,soon,,,", "short"])
    changes = ["entity,entity_id,field,old,new,occurred_at"]
    changes += [f"lead,lead{at},country,BE,FR,2024-02-01T00:00:00Z" for at in range(0, ROWS, 3)]
    return write(folder, changes="\n".join(changes), **files)


def held(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Everything a database holds but its version tokens; it must be sound."""
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}
    connection.close()
    rows["store_state"] = [row for row in rows.get("store_state", []) if not row[0].startswith("version")]
    return {name: sorted(found, key=repr) for name, found in rows.items()}


def imports(path: Path) -> int:
    """How many imports into a database are whole."""
    return len(held(path).get("imports", ())) if path.exists() else 0


def start(folder: Path, store: Path, *more: str, before: Callable[[], None] | None = None) -> "subprocess.Popen[str]":
    """`plumbline import` as a process of its own."""
    command = [*PLUMBLINE, "import", str(folder), "--store", f"sqlite:///{store}", *more]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, preexec_fn=before)  # noqa: PLW1509


def ended(process: "subprocess.Popen[str]", code: int) -> tuple[str, str]:
    """What a process said, once it has ended as expected."""
    out, err = process.communicate(timeout=120)
    assert process.returncode == code, err
    return out, err


def began(store: Path) -> None:
    """Wait until an import has kept something."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if store.exists():
            try:
                with sqlite3.connect(store) as connection:
                    if connection.execute("SELECT count(*) FROM changes").fetchone()[0]:
                        return
            except sqlite3.OperationalError:
                pass
        time.sleep(0.02)
    raise AssertionError("the import never began")


def test_a_killed_import_run_again_ends_as_if_it_had_never_stopped(tmp_path: Path) -> None:
    random = seeded(7)
    whole, cut = tmp_path / "whole.db", tmp_path / "cut.db"
    for week in (0, 1):
        folder, day = make(tmp_path / f"week{week}", random, week), f"2024-03-0{week + 1}"
        began_at = time.monotonic()
        ended(start(folder, whole, "--seen-at", day), 0)
        took = time.monotonic() - began_at
        for _ in range(KILLS):
            if imports(cut) > week:
                break
            process = start(folder, cut, "--seen-at", day)
            time.sleep(random.uniform(0.3, 0.9) * took)
            process.kill()
            process.communicate()
        assert not [found for found in examine(Settings(store=f"sqlite:///{cut}")) if "the store:" in found.says]
        if imports(cut) == week:
            ended(start(folder, cut, "--seen-at", day), 0)
        assert held(cut) == held(whole)


def test_a_resumed_import_counts_and_dates_as_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("features.crm.delimited.MAX_ROWS", 3)
    folder = write(
        tmp_path / "in",
        leads="lead_id,created_at\n" + "".join(f"L{at},2024-01-0{at % 8 + 1}\n" for at in range(8)) + "L1,bad\n",
        owners="owner_id\nO1\nO2\n",
    )
    brought(whole := Store.open(f"sqlite:///{tmp_path}/whole.db"), folder)
    cut = Store.open(f"sqlite:///{tmp_path}/cut.db")

    def stop(file: str, done: int, total: int) -> None:
        if file == "leads.csv":
            raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            import_folder(cut, folder, settings=Settings(), seen_at=SEEN, progress=stop)
    assert cut.count("leads") == 3
    assert any("was cut short" in found.says for found in examine(Settings(store=f"sqlite:///{tmp_path}/cut.db")))
    report = brought(cut, folder, SEEN + WEEK)
    assert report.resumed
    assert report.seen_at == SEEN
    whole.close()
    cut.close()
    assert held(tmp_path / "cut.db") == held(tmp_path / "whole.db")


def test_other_files_after_a_stop_are_an_import_of_their_own(tmp_path: Path) -> None:
    store = Store.open("sqlite://")
    first = write(tmp_path / "first", leads="lead_id,created_at,status\nL1,2024-01-01,new\n", owners="owner_id\nO1\n")

    def stop(file: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_folder(store, first, settings=Settings(), seen_at=SEEN, progress=stop)
    with pytest.raises(KeyboardInterrupt):
        import_folder(store, write(tmp_path / "other", owners="owner_id\nO9\n"), settings=Settings(), seen_at=SEEN,
                      progress=stop)  # fmt: skip
    assert [Path(one.path).name for one in unfinished(store)] == ["first", "other"]
    later = write(tmp_path / "later", leads="lead_id,created_at,status\nL1,2024-01-01,hot\n", owners="owner_id\nO1\n")
    report = brought(store, later, SEEN + WEEK)
    assert (report.resumed, report.seen_at) == (False, SEEN + WEEK)
    earlier = brought(store, first, SEEN - WEEK)
    assert (earlier.resumed, earlier.seen_at) == (False, SEEN - WEEK)
    assert [Path(one.path).name for one in unfinished(store)] == ["other"]
    shutil.rmtree(tmp_path / "other")
    brought(store, later, SEEN + WEEK)
    assert unfinished(store) == []  # nobody can run it again


def test_stopping_says_what_to_do_in_a_line(tmp_path: Path) -> None:
    process = start(make(tmp_path / "in", seeded(1), 0), tmp_path / "crm.db")
    began(tmp_path / "crm.db")
    process.send_signal(signal.SIGINT)
    _, err = ended(process, 130)
    assert err.splitlines()[-1] == "plumbline: stopped; run the same import again and it goes on where it stopped."
    assert "Traceback" not in err


def _small_files() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))


def test_a_full_disk_is_told_in_a_line_and_the_import_goes_on_later(tmp_path: Path) -> None:
    folder, whole, cut = make(tmp_path / "in", seeded(2), 0), tmp_path / "whole.db", tmp_path / "cut.db"
    ended(start(folder, whole, "--seen-at", "2024-03-01"), 0)
    _, err = ended(start(folder, cut, "--seen-at", "2024-03-01", before=_small_files), 1)
    last = err.splitlines()[-1]
    assert last.startswith("plumbline: the store cannot be written (")
    assert "see that the disk has room and is sound, then run it again; it goes on where it stopped" in last
    assert len(held(cut)["changes"]) > 0
    ended(start(folder, cut), 0)
    assert held(cut) == held(whole)


def test_two_imports_at_once_are_refused_clearly_and_others_may_still_write(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    folder = write(tmp_path / "in", owners="owner_id\nO1\n")
    first, second = Store.open(url), Store.open(url)
    seen: list[Sequence[str]] = []

    def meanwhile(file: str, done: int, total: int) -> None:
        with pytest.raises(StoreError, match=r"another import into .* is under way: run this one again"):
            brought(second, folder)
        second.set_champion("leads", "won", "v", 0)
        seen.append(file)

    import_folder(first, folder, settings=Settings(), seen_at=SEEN, progress=meanwhile)
    assert seen == ["owners.csv"]
    assert brought(second, folder).counts.unchanged == 1
    first.close()
    second.close()
