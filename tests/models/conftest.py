"""A small pipeline, and one model of each kind of head over it."""

from collections.abc import Callable
from dataclasses import replace

import lightgbm
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from features.columns import Floats, Words
from features.matrix import Matrix
from models.encoder import Encoder, Input
from models.heads import Blend, Boosted, Category, Constant, Head, Key, Level, Linear, Number, Table
from models.intervals import Band, Intervals
from models.model import Calibration, Evidence, Model
from models.odds import sigmoid
from models.outcomes import ReasonShares, TimeTable
from models.ranking import Ranking
from models.segments import Segments

PROCESSES, STAGES = ("tender", "shop", "private"), ("new", "offer", "talks")
NUMBERS = ("age_days", "amount", "calls_30d", "calls_90d", "owner_rate")


def pipeline(n: int, seed: int) -> Matrix:
    """n rows with gaps everywhere, heavy-tailed amounts, and words the encoder has never seen."""
    rng = np.random.default_rng(seed)

    def gaps(values: Floats) -> Floats:
        return np.where(rng.random(n) < 0.15, np.nan, values)

    def words(names: tuple[str, ...]) -> Words:
        return Words(rng.integers(-1, len(names) + 1, n).astype(np.int32), (*names, "never seen"))

    numbers = {
        "age_days": gaps(rng.exponential(40, n)),
        "amount": gaps(np.exp(rng.normal(9, 2, n))),
        "calls_30d": gaps(rng.poisson(2, n).astype(float)),
        "calls_90d": gaps(rng.poisson(6, n).astype(float)),
        "owner_rate": gaps(rng.random(n)),
    }
    return Matrix(numbers, {"process": words(PROCESSES), "stage": words(STAGES), "source": words(("web", "fair"))})


def encoder() -> Encoder:
    medians = (28.0, 8100.0, 2.0, 6.0, None)
    numbers = tuple(Input(name, reference=value) for name, value in zip(NUMBERS, medians, strict=True))
    words = (Input("process", PROCESSES, 1.0), Input("stage", STAGES, 0.0), Input("source", ("web", "fair"), None))
    return Encoder(numbers + words)


def linear() -> Linear:
    numbers = (
        Number(0, -0.4, 30.0, 35.0, missing=0.2),
        Number(1, 0.3, 9.0, 2.0, missing=-0.1, log=True),
        Number(4, 1.1, 0.5, 0.3, missing=0.05),
    )
    return Linear(-0.7, numbers, (Category(5, (0.5, -0.2, 0.1), -0.3), Category(7, (0.3, -0.6), 0.1)))


def table() -> Table:
    fine = Level((0, 1, 2), ((0, 0, 0), (1, 2, 1), (2, 1, -1)), (1.5, -2.0, 0.7))
    middle = Level((0, 1), ((0, 0), (0, 1), (1, 2), (2, 1)), (1.2, 0.1, -1.0, 0.4))
    return Table((Key(5), Key(6), Key(0, (14.0, 60.0))), (fine, middle, Level((0,), ((0,), (1,)), (0.2, -0.5))), -0.9)


def boosted(trees: int = 40) -> Boosted:
    x = encoder().encode(pipeline(3_000, seed=1))
    chance = sigmoid(np.nan_to_num(0.6 * x[:, 2] - 1) * np.where(x[:, 5] == 1, 1.0, -0.5))
    y = (np.random.default_rng(2).random(len(x)) < chance).astype(float)
    settings = {"objective": "binary", "verbosity": -1, "num_threads": 1, "deterministic": True, "num_leaves": 15}
    data = lightgbm.Dataset(x, y, categorical_feature=[5, 6, 7], params={"verbosity": -1})
    return Boosted.of(lightgbm.train(settings, data, trees), encoder().names)


HEADS: dict[str, Callable[[], Head]] = {
    "constant": lambda: Constant(-0.8),
    "table": table,
    "linear": linear,
    "boosted": boosted,
    "blend": lambda: Blend((linear(), boosted(), Blend((table(),), (1.0,))), (0.3, 0.5, 0.2)),
}


def model_of(head: Head, calibration: Calibration | None = None) -> Model:
    """A model around a head, with tables that back off by process, stage and age."""
    segments = Segments(((), ("tender",), ("tender", "offer"), ("tender", "offer", "1"), ("",)), age_edges=(20.0,))
    shares = ((0.5, 0.3, 0.2), (0.0, 0.25, 0.75), (1.0, 0.0, 0.0), (0.1, 0.1, 0.8), (0.2, 0.4, 0.4))
    model = Model(
        encoder=encoder(),
        target=head,
        calibration=calibration or Calibration(0.8, 0.1),
        loss=Constant(0.6),
        times=TimeTable(segments, (0.0, 10.0, 45.0, 200.0), shares),
        losses=ReasonShares(segments, ("price", "not said", "rival"), shares),
        intervals=Intervals.of([Band(60, 9, 8), Band(80, 30, 33), Band(40, 30, 29)]),
        ranking=Ranking.of(np.zeros(1)),
        evidence=Evidence(closed=300, rarer=80, by_process={"tender": 200, "shop": 12}),
        horizon_days=180.0,
        horizon_by_process={"shop": 40.0},
        meta={"kind": "opportunities", "target": "won"},
    )
    seen = model.log_odds(model.encoder.encode(pipeline(500, seed=3)))
    return replace(model, ranking=Ranking.of(seen))


@pytest.fixture(scope="session", params=list(HEADS))
def model(request: pytest.FixtureRequest) -> Model:
    """A model of each kind of head in turn."""
    return model_of(HEADS[request.param]())


@pytest.fixture(scope="session")
def boosted_model() -> Model:
    """A model with trees: its files are of every sort."""
    return model_of(boosted())


@pytest.fixture(scope="session")
def matrix() -> Matrix:
    """400 rows."""
    return pipeline(400, seed=4)


@pytest.fixture(scope="session")
def key() -> Ed25519PrivateKey:
    """The trainer's key."""
    return Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
