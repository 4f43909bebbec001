"""The measured spectrum as a SACC file."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from scipy import linalg

from nuweft.io.output import written
from nuweft.model.auto_spectrum import BiasFit
from nuweft.model.cross_spectrum import CrossSpectrum
from nuweft.model.redshift_distribution import RedshiftDistribution
from nuweft.typing import FloatArray

DATA_TYPE = "cl_00"

FINER = "_at_half_the_spacing"
"""Ending of the name under which n(z) at half its spacing is kept, for its error."""


def to_sacc(
    measured: CrossSpectrum,
    redshifts: RedshiftDistribution | None,
    *,
    windows: FloatArray | None = None,
    metadata: dict[str, Any] | None = None,
) -> Any:
    """Return a ``sacc.Sacc`` with data vector, windows, covariance, n(z), null mean and templates.

    The data vector is C_l of each energy bin, one bin after another. Each
    energy bin is a Map tracer whose table holds, per multipole, the null mean
    (``null_mean``), the atmospheric template (``atmospheric``), and for each
    spectral index the signal template and its derivative with respect to
    f_corr (``signal_1.000`` ..., ``signal_response_1.000`` ...; for the other
    kind of signal ``field_response_1.000`` ... or ``sources_response_1.000`` ...).
    n(z) at half its spacing is a second NZ tracer, whose name ends in
    ``_at_half_the_spacing``.

    Parameters
    ----------
    measured
        The spectrum.
    redshifts
        n(z) of the tracer.
    windows
        Bandpower windows, shape (n_ell, lmax + 1); each row is its multipole
        where none are given.
    metadata
        Further entries, strings or numbers.
    """
    import sacc

    store = sacc.Sacc()
    tracer = measured.blocks[0].tracer
    if redshifts is None:
        store.add_tracer("Misc", tracer, quantity="galaxy_density")
    else:
        store.add_tracer("NZ", tracer, redshifts.z, redshifts.density, quantity="galaxy_density")
        finer = redshifts.refined()
        store.add_tracer("NZ", f"{tracer}{FINER}", finer.z, finer.density, quantity="galaxy_density")
    for i, block in enumerate(measured.blocks):
        columns: dict[str, FloatArray] = {"null_mean": block.null_mean, "atmospheric": block.atmospheric}
        for gamma, row, slope in zip(measured.gammas, block.signal, block.signal_derivative, strict=True):
            columns[f"signal_{gamma:.3f}"] = row
            columns[f"signal_response_{gamma:.3f}"] = slope
        for kind, blocks in measured.alternatives.items():
            for gamma, slope in zip(measured.gammas, blocks[i].signal_derivative, strict=True):
                columns[f"{kind}_response_{gamma:.3f}"] = slope
        store.add_tracer(
            "Map",
            f"neutrinos_{i + 1}",
            quantity="generic",
            spin=0,
            ell=block.ell,
            beam=np.ones_like(block.ell),
            beam_extra=columns,
            metadata={"energy_bin": block.energy_bin, "events": float(block.events)},
        )
    values = (
        np.arange(int(measured.blocks[0].ell.max()) + 1) if windows is None else np.arange(windows.shape[1])
    )
    weight = np.eye(len(values))[measured.blocks[0].ell.astype(int)] if windows is None else windows
    window = sacc.BandpowerWindow(values, weight.T)
    for i, block in enumerate(measured.blocks):
        store.add_ell_cl(DATA_TYPE, tracer, f"neutrinos_{i + 1}", block.ell, block.data, window=window)
    store.add_covariance(linalg.block_diag(*(block.covariance for block in measured.blocks)))
    store.metadata["columns"] = "Map tracers of the energy bins hold null_mean, atmospheric, signal templates"
    store.metadata["signal"] = measured.signal
    store.metadata["f_sky"] = float(measured.sky_fraction)
    for key, value in (metadata or {}).items():
        store.metadata[key] = value
    return store


def auto_to_sacc(
    fit: BiasFit, redshifts: RedshiftDistribution, tracer: str, *, metadata: dict[str, Any] | None = None
) -> Any:
    """Return a ``sacc.Sacc`` with the auto-power of a tracer in bands, with noise.

    The windows hold mask, pixel window and binning: ``window @ C_l`` plus the
    entry ``shot_noise`` is the expectation; they are not normalised.

    Parameters
    ----------
    fit
        Fit of the bias.
    redshifts
        n(z) of the tracer.
    tracer
        Its name.
    metadata
        Further entries, strings or numbers.
    """
    import sacc

    store = sacc.Sacc()
    store.add_tracer("NZ", tracer, redshifts.z, redshifts.density, quantity="galaxy_density")
    window = sacc.BandpowerWindow(np.arange(fit.windows.shape[1]), fit.windows.T)
    store.add_ell_cl("galaxy_density_cl", tracer, tracer, fit.ell, fit.data, window=window)
    store.add_covariance(fit.covariance)
    entries = {"shot_noise": fit.shot_noise, "bias": fit.bias, "bias_sigma": fit.sigma}
    for key, value in (entries | (metadata or {})).items():
        store.metadata[key] = value
    return store


def write_sacc(path: Path, store: Any) -> None:
    """Write a SACC FITS file under a temporary name until it is complete."""
    with written(path) as part, warnings.catch_warnings():
        # long keys become HIERARCH cards, which FITS allows
        warnings.filterwarnings("ignore", message=".*HIERARCH.*")
        store.save_fits(str(part), overwrite=True)
