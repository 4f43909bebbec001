"""A finished run, read from its folder."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path

import attrs
import numpy as np

from nuweft.analysis import Analysis
from nuweft.errors import CorruptFileError, MissingDataError, RedshiftError
from nuweft.evolution.prediction import Predictor
from nuweft.evolution.redshift_kernel import DirectKernel, direct_kernel
from nuweft.io.sacc_file import FINER
from nuweft.io.schemas import LIMITS, read_checked
from nuweft.model.cross_spectrum import FIELD
from nuweft.model.redshift_distribution import RedshiftDistribution
from nuweft.statistics.limits import UpperLimit
from nuweft.statistics.signal_fit import SignalFit
from nuweft.typing import FloatArray


@attrs.frozen(eq=False, kw_only=True)
class FinishedRun:
    """What source evolution needs of a run.

    Attributes
    ----------
    analysis : Analysis
        Its settings.
    fits : dict of float to SignalFit
        Likelihood of all kinds of signal, by spectral index of the run.
    credibility : float
        Of limits.
    f_astro : float
    redshifts : RedshiftDistribution
        Of the tracer.
    ell : array of shape (n,)
        Multipoles.
    source_variance : float or None
        See :func:`nuweft.evolution.realisation_variance.source_variance`; at the index of
        the diffuse flux.
    fractions : dict of float to float
        f_astro by spectral index, for the diffuse flux at 100 TeV.
    shot_noise : float
        See :attr:`nuweft.Analysis.relative_shot_noise`.
    remarks : tuple of str
        What every result has to say of the response of the sample.
    """

    analysis: Analysis
    fits: dict[float, SignalFit]
    credibility: float
    f_astro: float
    redshifts: RedshiftDistribution
    ell: FloatArray
    source_variance: float | None = None
    fractions: dict[float, float] = attrs.field(factory=dict)
    shot_noise: float = 0.0
    remarks: tuple[str, ...] = ()

    @property
    def fit(self) -> SignalFit:
        """Likelihood of all kinds of signal at the index of the diffuse flux."""
        return self.fits[self.analysis.diffuse_flux.gamma]

    @property
    def limit(self) -> UpperLimit | None:
        """Limit on sources that share the density field with the tracer, at the index of the diffuse flux.

        None where the clustering of the tracer was not detected.
        """
        return self.limit_on({FIELD: 1.0})

    def limit_on(self, parts: Mapping[str, float], gamma: float | None = None) -> UpperLimit | None:
        """Return the limit on a mixture of kinds of signal, or None where there is none.

        Parameters
        ----------
        parts
            f_corr of each kind of signal, in any common unit.
        gamma
            Spectral index of the run; that of the diffuse flux where none is given.
        """
        fit = self.fit if gamma is None else self.fits[gamma]
        return fit.upper_limit(parts, self.credibility) if fit.holds(parts) else None

    def strength(
        self, bias_ratio: float = 1.0, *, redshifts: RedshiftDistribution | None = None
    ) -> Predictor:
        """Return the expected f_corr of source models.

        Parameters
        ----------
        bias_ratio
            b_nu / b_g.
        redshifts
            Of the tracer, instead of those of the run.
        """
        return self.analysis.predictor_with(
            self.redshifts if redshifts is None else redshifts,
            self.ell,
            f_astro=self.f_astro,
            bias_ratio=bias_ratio,
            shot_noise=self.shot_noise,
        )

    def direct_kernel(self, limber_from: int) -> DirectKernel:
        """Return the response by CCL's own integrals; see :func:`nuweft.evolution.redshift_kernel`."""
        tracer = self.analysis.tracer
        return direct_kernel(
            self.redshifts,
            self.analysis.cosmology.ccl(),
            self.ell,
            bias=tracer.bias,
            magnification=tracer.magnification,
            limber_from=limber_from,
            shot_noise=self.shot_noise,
        )


def read_run(folder: Path) -> FinishedRun:
    """Return a finished run.

    Raises
    ------
    MissingDataError
        If the folder holds no finished run.
    CorruptFileError
        If a file cannot be read.
    RedshiftError
        If the tracer has no redshift distribution, or no limit was set at the
        index of the diffuse flux.
    """
    for name in ("result.json", "spectra.sacc", "analysis.yaml"):
        if not (folder / name).is_file():
            raise MissingDataError(f"{folder}: no {name}; `nuweft run` or `nuweft demo` make it")
    analysis = Analysis.from_yaml(folder / "analysis.yaml")
    content = read_checked(folder / "result.json", LIMITS)
    gamma = analysis.diffuse_flux.gamma
    fits = {
        found["gamma"]: SignalFit(
            gamma=found["gamma"],
            signals=tuple(found["signals"]),
            score=np.array(found["score"]),
            information=np.array(found["information"]),
        )
        for found in content["signal_fits"]
    }
    if gamma not in fits:
        raise RedshiftError(f"{folder}: no limit at index {gamma:g} of the diffuse flux")
    redshifts, ell = _measured(folder / "spectra.sacc")
    return FinishedRun(
        analysis=analysis,
        fits=fits,
        credibility=content["upper_limits"][0]["credibility"],
        f_astro=content["f_astro"],
        redshifts=redshifts,
        ell=ell,
        source_variance=content.get("source_variance"),
        fractions={u["gamma"]: u["f_astro"] for u in content["upper_limits"] if "f_astro" in u},
        shot_noise=content["relative_shot_noise"],
        remarks=tuple(content.get("response_remarks", ())),
    )


def _measured(path: Path) -> tuple[RedshiftDistribution, FloatArray]:
    """Return redshifts of the tracer and multipoles from a SACC file."""
    import sacc

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # units of FITS headers
            store = sacc.Sacc.load_fits(str(path))
        tracer, neutrinos = store.get_tracer_combinations()[0]
        table = store.tracers[tracer]
        ell = np.asarray(store.get_ell_cl(store.get_data_types()[0], tracer, neutrinos)[0], dtype=float)
    except Exception as error:  # whatever a reader of FITS meets in a damaged file
        raise CorruptFileError(
            f"{path}: not the spectra of a finished run ({type(error).__name__}: {error})"
        ) from error
    if not hasattr(table, "nz"):
        raise RedshiftError(f"{path}: tracer {tracer} has no redshift distribution")
    if not len(ell) or not np.all(np.isfinite(ell)) or np.any(ell < 0) or np.any(np.diff(ell) <= 0):
        raise CorruptFileError(f"{path}: ell of {tracer} is damaged; expected increasing multipoles")
    try:
        found = RedshiftDistribution.normalised(table.z, table.nz, tracer)
        if (finer := store.tracers.get(f"{tracer}{FINER}")) is not None:
            halved = RedshiftDistribution.normalised(finer.z, finer.nz, tracer)
            found = attrs.evolve(found, halved=halved)
        return found, ell
    except (RedshiftError, ValueError, TypeError) as error:
        raise CorruptFileError(f"{path}: n(z) of {tracer}: {error}") from error
