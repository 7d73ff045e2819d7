"""THE PROOFS: one row each. To add a proof, add a row; the tests run it small, and red."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.proofs import alike, cutting, faults, future, oracle, shuffled, single
from tests.proofs.futures import scrambled
from tests.proofs.proof import Proof
from tests.proofs.sources import loans, no_loans, world

SEEN = (faults.end_is_seen, "a row of the catalogue reads the closing date")
LATE = (faults.by_occurrence, "changes count from when they took place, not from when they were recorded")
TODAY = (faults.labels_of_today, "training reads the outcomes known today")


@contextmanager
def _world(size: int, seed: int) -> Iterator[Path]:
    """A world with about `size` leads and deals together: there are 2.5 leads a deal."""
    with world(round(size / 3.5), seed) as folder:
        yield folder


@contextmanager
def _clean(size: int, seed: int) -> Iterator[Path]:
    with world(size, seed, dirt=False) as folder:
        yield folder


@contextmanager
def _loans(size: int, _: int) -> Iterator[Path]:
    with loans(size if size < ALL_LOANS else 0) as folder:
        yield folder


ALL_LOANS = 7_367
"""Applications of bpi2012 that became opportunities."""

PROOFS: dict[str, Proof] = {
    proof.name: proof
    for proof in (
        Proof(
            "single", "a million rows or one give the same bits, for every row of the catalogue", single.parts,
            faults.last_bit_of_batches, "means of many rows round the last bit otherwise", "random CRMs", 8, 200,
        ),
        Proof(
            "oracle", "the engine and an oracle in plain SQL agree on every row of the catalogue", oracle.parts,
            faults.at_the_instant, "what is known at the very instant is used", "random CRMs", 8, 200,
        ),
        Proof(
            "deleted", "deleting all that is recorded from an instant on changes nothing at it, nor what it teaches",
            future.of_random_crms(future.deleted), *SEEN, "random CRMs", 10, 300,
        ),
        Proof(
            "deleted-world", "the same on a seeded world", future.of_folder(_world, future.deleted), *SEEN, "records",
            1_050, 10_500,
        ),
        Proof(
            "deleted-loans", "the same on real loans (bpi2012)", future.of_folder(_loans, future.deleted), *SEEN,
            "applications", 300, ALL_LOANS, no_loans,
        ),
        Proof(
            "scrambled", "another future from an instant on changes nothing at it, nor what it teaches",
            future.of_random_crms(scrambled), *LATE, "random CRMs", 10, 300,
        ),
        Proof(
            "scrambled-world", "the same on a seeded world", future.of_folder(_world, scrambled), *LATE, "records",
            1_050, 10_500,
        ),
        Proof(
            "scrambled-loans", "the same on real loans (bpi2012)", future.of_folder(_loans, scrambled), *LATE,
            "applications", 300, ALL_LOANS, no_loans,
        ),
        Proof(
            "cut", "training as of T gives the bundle, scores and forecast that files cut at T give, byte for byte",
            cutting.of_folder(_clean, ("opportunities", "leads")), *TODAY, "deals", 300, 3_000,
        ),
        Proof(
            "cut-loans", "the same on real loans (bpi2012)",
            cutting.of_folder(_loans, ("opportunities",)), *TODAY, "applications", 300, ALL_LOANS,
            no_loans,
        ),
        Proof(
            "shuffled", "with ends dealt out anew among the records the AUC is one half", shuffled.parts,
            faults.reason_is_seen, "a row of the catalogue reads the loss reason", "deals", 300, 13_000,
        ),
        Proof(
            "order", "the order of the rows in the files changes neither the store nor the bundle", alike.in_any_order,
            faults.order_of_arrival, "the store gives rows as they came", "deals", 300, 1_500,
        ),
        Proof(
            "clock", "the time zone of the machine changes neither the store nor a feature", alike.on_any_clock,
            faults.clock_of_the_machine, "the calendar is the machine's", "deals", 300, 3_000,
        ),
    )
}  # fmt: skip
