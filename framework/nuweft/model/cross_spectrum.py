"""The measured cross-power spectrum with everything needed to interpret it."""

from __future__ import annotations

import attrs
import numpy as np
from scipy.interpolate import CubicSpline

from nuweft.errors import ModelError, UndetectedClusteringError
from nuweft.flux.power_law import check_gamma
from nuweft.html import render
from nuweft.moved import old_attribute
from nuweft.typing import FloatArray

SOURCES, FIELD = "sources", "field"
"""Kinds of signal: events of the tracer's objects, or of the density field behind them."""


@attrs.frozen(eq=False, kw_only=True)
class SpectrumBlock:
    """Spectrum of one tracer with one energy bin.

    Attributes
    ----------
    tracer, energy_bin : str
        Labels.
    ell : array of shape (n_ell,)
    data : array of shape (n_ell,)
        Measured C_l.
    null_mean : array of shape (n_ell,)
        Exact mean under the null.
    covariance : array of shape (n_ell, n_ell)
        Exact covariance under the null.
    atmospheric : array of shape (n_ell,)
        Template of the atmospheric component.
    signal : array of shape (n_gamma, n_ell)
        Template C^gg of the correlated component.
    signal_fraction : array of shape (n_gamma,)
        f_i / f_corr, by weight.
    acceptance : array of shape (n_gamma,)
        A_i in the joint mask, events per unit flux at 100 TeV (cm^2 s GeV sr).
    isotropic_acceptance : array of shape (n_gamma,)
        The same for an isotropic flux.
    isotropic : array of shape (n_gamma, n_ell)
        Template of an isotropic flux, absorbed by ``atmospheric`` in the fit.
    events : float
        Events in the joint mask.
    """

    tracer: str
    energy_bin: str
    ell: FloatArray
    data: FloatArray
    null_mean: FloatArray
    covariance: FloatArray
    atmospheric: FloatArray
    signal: FloatArray
    signal_fraction: FloatArray
    acceptance: FloatArray
    isotropic_acceptance: FloatArray
    isotropic: FloatArray
    events: float

    signal_response = old_attribute("signal_response", "signal_derivative")
    signal_share = old_attribute("signal_share", "signal_fraction")

    @property
    def signal_derivative(self) -> FloatArray:
        """Derivative of C_l with respect to f_corr, shape (n_gamma, n_ell)."""
        return self.signal_fraction[:, None] * self.signal


@attrs.frozen(eq=False, kw_only=True)
class CrossSpectrum:
    """Cross-power spectrum of tracers and energy bins, with null moments and templates.

    Attributes
    ----------
    blocks : tuple of SpectrumBlock
    gammas : array of shape (n_gamma,)
        Grid of spectral indices of the templates.
    sky_fraction : float
        f_sky of the joint mask.
    exposure_error : float
        Truncation error of the separable exposure.
    signal : str
        Kind of signal of the templates in ``blocks``, ``sources`` or ``field``.
    alternatives : dict of str to tuple of SpectrumBlock
        The same spectrum with the templates of other kinds of signal.
    undetected : str
        Why there is no kind ``field``, where there is none.
    """

    blocks: tuple[SpectrumBlock, ...]
    gammas: FloatArray
    sky_fraction: float
    exposure_error: float
    signal: str = SOURCES
    alternatives: dict[str, tuple[SpectrumBlock, ...]] = attrs.field(factory=dict)
    undetected: str = ""

    @property
    def signals(self) -> tuple[str, ...]:
        """Kinds of signal that there are templates for, the one of ``blocks`` first."""
        return (self.signal, *self.alternatives)

    def with_signal(self, signal: str) -> CrossSpectrum:
        """Return the spectrum with the templates of a kind of signal in ``blocks``.

        Parameters
        ----------
        signal
            ``sources`` or ``field``.

        Raises
        ------
        UndetectedClusteringError
            If there are none for ``field``.
        ModelError
            For another word, or where the spectrum holds one kind only.
        """
        if signal == self.signal:
            return self
        if signal not in self.alternatives:
            if signal == FIELD and self.undetected:
                raise UndetectedClusteringError(self.undetected)
            raise ModelError(f"signal: expected one of {', '.join(self.signals)}, got {signal!r}")
        others = {self.signal: self.blocks, **self.alternatives}
        return attrs.evolve(self, blocks=others.pop(signal), signal=signal, alternatives=others)

    @property
    def events_per_bin(self) -> FloatArray:
        """Events in the joint mask, per block."""
        return np.array([block.events for block in self.blocks])

    def _repr_html_(self) -> str:
        rows = []
        for block in self.blocks:
            residual = block.data - block.null_mean
            rows.append(
                {
                    "tracer": block.tracer,
                    "log10(E/GeV)": block.energy_bin,
                    "events": block.events,
                    "multipoles": f"{block.ell[0]:g} to {block.ell[-1]:g}",
                    "chi2 about the null mean": float(residual @ np.linalg.solve(block.covariance, residual)),
                    "data points": len(block.ell),
                }
            )
        title = f"Cross-power spectrum, f_sky {self.sky_fraction:.4f}"
        return render("table.html.j2", title=title, rows=rows)

    def acceptance(self, gamma: float) -> float:
        """Return A(gamma) summed over bins, for events that follow the tracer.

        A flux normalisation phi (GeV^-1 cm^-2 s^-1 sr^-1 at 100 TeV) gives
        ``phi A`` events in the joint mask.
        """
        return self._interpolate(np.sum([b.acceptance for b in self.blocks], axis=0), gamma)

    def isotropic_acceptance(self, gamma: float) -> float:
        """Return A(gamma) summed over bins, for an isotropic flux."""
        return self._interpolate(np.sum([b.isotropic_acceptance for b in self.blocks], axis=0), gamma)

    def _interpolate(self, values: FloatArray, gamma: float) -> float:
        gamma = check_gamma(gamma, self.gammas[0], self.gammas[-1])
        return float(np.exp(CubicSpline(self.gammas, np.log(values))(gamma)))
