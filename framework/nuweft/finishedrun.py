"""A finished run, read from its folder."""

from __future__ import annotations

import warnings
from pathlib import Path

import attrs
import numpy as np

from nuweft.analysis import Analysis
from nuweft.errors import CorruptFileError, MissingDataError, RedshiftError
from nuweft.inference.limits import UpperLimit
from nuweft.interfaces.tracer import RedshiftDistribution
from nuweft.schemas import LIMITS, read_checked
from nuweft.sky.typing import FloatArray
from nuweft.theory.evolution import Strength
from nuweft.theory.redshift_response import DirectResponse, direct_response


@attrs.frozen(eq=False, kw_only=True)
class FinishedRun:
    """What source evolution needs of a run.

    Attributes
    ----------
    analysis : Analysis
        Its settings.
    limits : tuple of UpperLimit
        At every spectral index of the run.
    f_astro : float
    redshifts : RedshiftDistribution
        Of the tracer.
    ell : array of shape (n,)
        Multipoles.
    source_variance : float or None
        See :func:`nuweft.inference.scatter.source_variance`; at the index of
        the diffuse flux.
    shares : dict of float to float
        f_astro by spectral index, for the diffuse flux at 100 TeV.
    """

    analysis: Analysis
    limits: tuple[UpperLimit, ...]
    f_astro: float
    redshifts: RedshiftDistribution
    ell: FloatArray
    source_variance: float | None = None
    shares: dict[float, float] = attrs.field(factory=dict)

    @property
    def limit(self) -> UpperLimit:
        """Limit at the index of the diffuse flux."""
        gamma = self.analysis.diffuse_flux.gamma
        return next(u for u in self.limits if abs(u.gamma - gamma) < 1e-9)

    def strength(self, bias_ratio: float = 1.0, *, redshifts: RedshiftDistribution | None = None) -> Strength:
        """Return the expected f_corr of source models.

        Parameters
        ----------
        bias_ratio
            b_nu / b_g.
        redshifts
            Of the tracer, instead of those of the run.
        """
        return self.analysis.strength_with(
            self.redshifts if redshifts is None else redshifts,
            self.ell,
            f_astro=self.f_astro,
            bias_ratio=bias_ratio,
        )

    def direct_response(self, limber_from: int) -> DirectResponse:
        """Return the response by CCL's own integrals; see :func:`nuweft.theory.redshift_response`."""
        tracer = self.analysis.tracer
        return direct_response(
            self.redshifts,
            self.analysis.cosmology.ccl(),
            self.ell,
            bias=tracer.bias,
            magnification=tracer.magnification,
            limber_from=limber_from,
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
    if not any(abs(u["gamma"] - gamma) < 1e-9 for u in content["upper_limits"]):
        raise RedshiftError(f"{folder}: no limit at index {gamma:g} of the diffuse flux; add it to gammas")
    keep = ("gamma", "credibility", "f_corr", "f_corr_hat", "f_corr_sigma")
    redshifts, ell = _measured(folder / "spectra.sacc")
    return FinishedRun(
        analysis=analysis,
        limits=tuple(UpperLimit(**{k: u[k] for k in keep}) for u in content["upper_limits"]),
        f_astro=content["f_astro"],
        redshifts=redshifts,
        ell=ell,
        source_variance=content.get("source_variance"),
        shares={u["gamma"]: u["f_astro"] for u in content["upper_limits"] if "f_astro" in u},
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
        return RedshiftDistribution.normalised(table.z, table.nz, tracer), ell
    except (RedshiftError, ValueError, TypeError) as error:
        raise CorruptFileError(f"{path}: n(z) of {tracer}: {error}") from error
