"""Fluxes of atmospheric muon neutrinos."""

from __future__ import annotations

import zipfile
from pathlib import Path

import attrs
import numpy as np
from scipy.interpolate import RegularGridInterpolator

from nuweft.errors import CorruptFileError, DataError, MissingDataError
from nuweft.typing import FloatArray


def effective_cosine(cos_zenith: FloatArray) -> FloatArray:
    """Return the cosine of the zenith angle at the height of production.

    Notes
    -----
    Chirkin 2004, arXiv:hep-ph/0407078.
    """
    p1, p2, p3, p4, p5 = 0.102573, -0.068287, 0.958633, 0.0407253, 0.817285
    x = np.abs(np.asarray(cos_zenith, dtype=float))
    return np.asarray(np.sqrt((x**2 + p1**2 + p2 * x**p3 + p4 * x**p5) / (1 + p1**2 + p2 + p4)))


def conventional_flux(energy: FloatArray, sin_dec: FloatArray) -> FloatArray:
    """Return the conventional nu_mu + anti-nu_mu flux at the South Pole.

    Parameters
    ----------
    energy
        True energy in GeV.
    sin_dec
        Sine of the declination; broadcasts with ``energy``.

    Returns
    -------
    array
        In GeV^-1 cm^-2 s^-1 sr^-1.

    Notes
    -----
    Pion and kaon terms of Gaisser, Cosmic Rays and Particle Physics (1990),
    with the effective zenith angle of :func:`effective_cosine`; some 20 %
    below a cascade calculation (MCEq) at 10 TeV.
    """
    energy = np.asarray(energy, dtype=float)
    projected = energy * effective_cosine(sin_dec)
    pion = 1 / (1 + 6.0 * projected / 115.0)
    kaon = 0.213 / (1 + 1.44 * projected / 850.0)
    return np.asarray(0.0286 * energy**-2.7 * (pion + kaon))


@attrs.frozen(eq=False, kw_only=True)
class TabulatedFlux:
    """A flux on a grid of energy and declination, interpolated in its logarithm.

    Above and below the table in energy it goes on as a power law. Where the
    table covers one hemisphere only, the other mirrors it: above a few hundred
    GeV the conventional flux depends on the distance from the horizon alone.

    Attributes
    ----------
    log10_energy : array of shape (n_energy,)
        log10(E/GeV), increasing.
    sin_dec : array of shape (n_dec,)
        Increasing.
    flux : array of shape (n_energy, n_dec)
        nu_mu + anti-nu_mu, in GeV^-1 cm^-2 s^-1 sr^-1.
    source : str
        Where the table comes from.
    """

    log10_energy: FloatArray
    sin_dec: FloatArray
    flux: FloatArray
    source: str = ""

    def __attrs_post_init__(self) -> None:
        if self.flux.shape != (len(self.log10_energy), len(self.sin_dec)):
            raise DataError(f"flux ({self.source}): shape {self.flux.shape} does not fit its axes")
        if np.any(np.diff(self.log10_energy) <= 0) or np.any(np.diff(self.sin_dec) <= 0):
            raise DataError(f"flux ({self.source}): energies or declinations do not increase")
        if not np.all(np.isfinite(self.flux)) or np.any(self.flux <= 0):
            raise DataError(f"flux ({self.source}): values must be positive and finite")
        if self.sin_dec[0] > 1e-6:
            raise DataError(f"flux ({self.source}): the table must reach the horizon, sin(dec) = 0")

    @classmethod
    def from_npz(cls, path: Path, *, prompt: bool = False) -> TabulatedFlux:
        """Return a table of a cascade calculation (MCEq).

        Parameters
        ----------
        path
            File with ``energy_gev`` (n,), ``dec_deg`` (m,), ``conv`` and
            ``prompt`` (n, m).
        prompt
            Whether the prompt flux is added.

        Raises
        ------
        MissingDataError
            If there is no such file.
        CorruptFileError
            If it holds something else.
        """
        if not path.is_file():
            raise MissingDataError(f"{path}: no such file")
        try:
            with np.load(path, allow_pickle=False) as content:
                energy, dec = content["energy_gev"], content["dec_deg"]
                flux = content["conv"] + (content["prompt"] if prompt else 0.0)
        except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
            raise CorruptFileError(
                f"{path}: expected energy_gev, dec_deg, conv and prompt in an npz file ({error})"
            ) from error
        used = np.all(flux > 0, axis=1)  # a calculation ends at its largest primary energy
        order = np.argsort(dec)
        return cls(
            log10_energy=np.log10(energy[used]),
            sin_dec=np.sin(np.radians(dec[order])),
            flux=flux[used][:, order],
            source=path.name,
        )

    def __call__(self, energy: FloatArray, sin_dec: FloatArray) -> FloatArray:
        """Return the flux in GeV^-1 cm^-2 s^-1 sr^-1; energy in GeV, arguments broadcast."""
        x, z = np.broadcast_arrays(np.log10(energy), np.asarray(sin_dec, dtype=float))
        if self.sin_dec[0] > -0.5:  # one hemisphere
            z = np.abs(z)
        z = np.clip(z, self.sin_dec[0], self.sin_dec[-1])
        table = RegularGridInterpolator(
            (self.log10_energy, self.sin_dec), np.log(self.flux), bounds_error=False, fill_value=None
        )
        return np.asarray(np.exp(table(np.stack([x, z], axis=-1))).reshape(x.shape))
