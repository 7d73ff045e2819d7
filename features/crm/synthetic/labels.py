"""The words a world's codes stand for: stages and statuses, campaigns, products, and where a state is seen."""

from dataclasses import dataclass

import numpy as np

from features.columns import Ints
from features.crm.synthetic.law import Law, Walk

CLOSED = ("won", "lost")
TEMPERATURES = ("froid", "tiède", "chaud")


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages of several walks, one after the other: each walk's own, then dormant, won and lost."""

    names: tuple[str, ...]
    probability: tuple[float, ...]
    offset: Ints
    count: Ints

    def seen(self, walk: Ints, state: Ints) -> Ints:
        """The code of the stage a state shows as; -1 for abandoned, which shows as nothing new."""
        count = self.count[walk]
        stage = np.where(state < count, state, np.where(state < 2 * count, state - count, count))
        return np.where(state > 2 * count, -1, self.offset[walk] + stage)

    def closed(self, walk: Ints, cause: Ints) -> Ints:
        """The code of the won or lost stage of each walk."""
        return self.offset[walk] + self.count[walk] + np.where(cause == 0, 1, 2)


def stages_of(walks: tuple[Walk, ...]) -> Stages:
    """The stages of these walks."""
    names = [[*(stage.name for stage in walk.stages), walk.dormant or "-", walk.won, walk.lost] for walk in walks]
    likely = [[*(stage.probability for stage in walk.stages), 0.05, 1.0, 0.0] for walk in walks]
    counts = np.array([len(walk.stages) for walk in walks])
    return Stages(
        tuple(name for each in names for name in each), tuple(share for each in likely for share in each),
        np.r_[0, np.cumsum(counts + 3)[:-1]], counts,
    )  # fmt: skip


def opportunity_stages(law: Law) -> Stages:
    """The stages of every process."""
    return stages_of(tuple(law.processes.values()))


def lead_stages(law: Law) -> Stages:
    """The statuses of leads."""
    return stages_of((law.leads,))


def campaigns(law: Law) -> tuple[str, ...]:
    """Every campaign, source by source."""
    return tuple(campaign for source in law.sources for campaign in source.campaigns)


def products(law: Law) -> tuple[str, ...]:
    """Every product, process by process."""
    return tuple(product for process in law.processes.values() for product in process.products)
