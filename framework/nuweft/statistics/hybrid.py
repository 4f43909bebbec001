"""The far tail of the null: dense energy bins by their moments, sparse ones event by event.

The sufficient statistics of a bin with many events are Gaussian with the exact
mean and covariance of the null; only sparse bins need their events. A trial then
costs a microsecond, so that 1e8 of them reach 5 sigma.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from nuweft import seeds
from nuweft.interfaces.background import BackgroundModel
from nuweft.model.bin_data import BinData
from nuweft.model.cross_spectrum import CrossSpectrum
from nuweft.model.gaussian_model import GaussianBlock, GaussianModel
from nuweft.model.matched_filter import MatchedFilter
from nuweft.plugin import answers as plugin_answers
from nuweft.progress import Progress, Silent
from nuweft.statistics.executor import LOCAL, run_chunks
from nuweft.statistics.gamma_scan import GammaTable, scan_gamma
from nuweft.statistics.trials import PValue, binomial_p_value
from nuweft.typing import FloatArray

DENSE_FROM = 1000
"""Events in the mask from which a bin is Gaussian unless told otherwise."""

_BLOCK = 65536  # trials that share a generator
TAIL_STEP = 0.1
"""Width of the bins of test statistics in histograms of the tail."""

_EDGES = TAIL_STEP * np.arange(601)


@attrs.frozen(eq=False, kw_only=True)
class DenseBin:
    """Gaussian scores of the signal basis: ``mean + z @ root``.

    Attributes
    ----------
    label : str
    mean : array of shape (rank,)
    root : array of shape (rank, rank)
    """

    label: str
    mean: FloatArray
    root: FloatArray


@attrs.frozen(eq=False, kw_only=True)
class SparseBin:
    """A bin that is scrambled event by event.

    Attributes
    ----------
    block : GaussianBlock
    filters : MatchedFilter
    bin_data : BinData
    """

    block: GaussianBlock
    filters: MatchedFilter
    bin_data: BinData

    @property
    def label(self) -> str:
        """Name of the bin."""
        return self.bin_data.label


@attrs.frozen(eq=False, kw_only=True)
class HybridTask:
    """What a chunk of hybrid trials needs; it can be sent to another process."""

    bins: tuple[DenseBin | SparseBin, ...]
    table: GammaTable
    background: BackgroundModel
    seed: int


def hybrid_task(
    model: GaussianModel,
    measured: CrossSpectrum,
    filters: Sequence[MatchedFilter],
    bins: Sequence[BinData],
    background: BackgroundModel,
    *,
    seed: int,
    dense_from: float = DENSE_FROM,
) -> HybridTask:
    """Return the task of hybrid trials.

    Parameters
    ----------
    model, measured
        Likelihood, and the spectrum it was made from.
    filters, bins
        Per energy bin.
    background
        Model of the null.
    seed
        Seed of the analysis.
    dense_from
        Events in the mask from which a bin is drawn from its moments.
    """
    tasks: list[DenseBin | SparseBin] = []
    for block, raw, statistics, bin_data in zip(model.blocks, measured.blocks, filters, bins, strict=True):
        if raw.events < dense_from:
            tasks.append(SparseBin(block=block, filters=statistics, bin_data=bin_data))
            continue
        values, vectors = np.linalg.eigh(block.information)
        root = (vectors * np.sqrt(np.clip(values, 0, None))).T
        mean = block.score(block.filters @ raw.null_mean)
        tasks.append(DenseBin(label=raw.energy_bin, mean=mean, root=root))
    return HybridTask(bins=tuple(tasks), table=GammaTable.of(model), background=background, seed=seed)


def hybrid_test_statistics(task: HybridTask, start: int, count: int) -> FloatArray:
    """Return the test statistics of hybrid trials ``start`` to ``start + count - 1``.

    A trial depends on its number and the seed only.
    """
    first, last = start // _BLOCK, (start + count - 1) // _BLOCK
    scores = []
    for part in task.bins:
        if isinstance(part, DenseBin):
            draws = np.concatenate(
                [
                    seeds.generator(task.seed, f"hybrid {part.label}", block).standard_normal(
                        (_BLOCK, len(part.mean))
                    )
                    for block in range(first, last + 1)
                ]
            )[start - first * _BLOCK : start - first * _BLOCK + count]
            scores.append(part.mean + draws @ part.root)
        else:
            s = plugin_answers.trials(
                task.background, part.filters, part.bin_data, seed=task.seed, start=start, count=count
            )
            scores.append(part.block.score(s))
    return scan_gamma(task.table, np.concatenate(scores, axis=1))[0]


def count_tail(shared: tuple[HybridTask, float], start: int, count: int) -> tuple[int, FloatArray]:
    """Return how many trials reach a test statistic, and their histogram in steps of 0.1."""
    task, observed = shared
    values = hybrid_test_statistics(task, start, count)
    histogram = np.histogram(values, bins=_EDGES)[0]
    return int(np.count_nonzero(values >= observed)), histogram


def tail_probability(
    task: HybridTask,
    observed: float,
    trials: int,
    *,
    executor: str = LOCAL,
    progress: Progress | None = None,
) -> tuple[PValue, FloatArray]:
    """Return the p-value of a test statistic from hybrid trials, and their histogram.

    Parameters
    ----------
    task
        Of :func:`hybrid_task`.
    observed
        Observed test statistic.
    trials
        Number of trials; memory does not grow with it.
    executor
        See :func:`nuweft.statistics.executor.run_chunks`.
    progress
        Reports progress.

    Returns
    -------
    p_value : PValue
        With mode ``hybrid``.
    histogram : array of shape (600,)
        Trials with a test statistic in steps of 0.1.
    """
    chunks = [(start, min(_BLOCK, trials - start)) for start in range(0, trials, _BLOCK)]
    done = run_chunks(count_tail, (task, observed), chunks, executor=executor)
    above, histogram = 0, np.zeros(len(_EDGES) - 1)
    for _, (more, counts) in (progress or Silent()).track(done, "hybrid trials", len(chunks)):
        above += more
        histogram += counts
    return binomial_p_value(above, trials, mode="hybrid"), histogram
