"""Pictures of a replay as PNG bytes, drawn without a display and without a clock."""

import io
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from features.columns import Floats
from training.evaluate import bins


def _png(figure: Figure) -> bytes:
    FigureCanvasAgg(figure)
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=110, metadata={"Software": None})
    return out.getvalue()


def reliability(y: Floats, p: Floats, weight: Floats, title: str) -> bytes:
    """What was said against what came, in 15 equal-mass bins; a calibrated model follows the diagonal.

    >>> picture = reliability(np.array([0.0, 1.0]), np.array([0.2, 0.8]), np.ones(2), "two rows")
    >>> picture[:4]
    b'\\x89PNG'
    """
    _, mass, seen, said = bins(y, p, weight)
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    axes.scatter(said, seen, s=20 + 180 * mass / mass.max(), color="#1f5f8b", alpha=0.8)
    axes.set(xlabel="probability said", ylabel="share that came true", title=title, xlim=(0, 1), ylim=(0, 1))
    return _png(figure)


def by_origin(names: Sequence[str], losses: Mapping[str, Sequence[float]]) -> bytes:
    """The log loss of each rung at each origin of a replay.

    >>> by_origin(["2024-01", "2024-02"], {"base_rate": [0.69, 0.68]})[:4]
    b'\\x89PNG'
    """
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    for rung, values in losses.items():
        axes.plot(np.arange(len(names)), values, marker="o", label=rung)
    axes.set_xticks(np.arange(len(names)), list(names))
    axes.set(xlabel="origin", ylabel="log loss (lower is better)", title="Replay by origin")
    axes.legend(fontsize="small")
    return _png(figure)
