"""An analysis: composed parts, and what can be asked of them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import attrs
import numpy as np

from nuweft import answers
from nuweft.cache import stages
from nuweft.cache.stages import AUTO, OFF
from nuweft.defaults import DEFAULTS
from nuweft.errors import (
    ConfigurationError,
    ModelError,
    ParameterError,
    RedshiftError,
    TracerWarning,
    UnknownPluginError,
)
from nuweft.evolution.cosmology import Cosmology
from nuweft.evolution.galaxy_bias import fit_bias
from nuweft.evolution.prediction import EvolutionResult, Predictor, predict
from nuweft.evolution.realisation_variance import source_variance
from nuweft.evolution.redshift_kernel import redshift_kernel
from nuweft.flux.diffuse import DiffuseFlux
from nuweft.html import render
from nuweft.interfaces.background import BackgroundModel
from nuweft.interfaces.base import Component, all_inputs
from nuweft.interfaces.estimator import PowerSpectrumEstimator
from nuweft.interfaces.likelihood import Likelihood
from nuweft.interfaces.mask import Mask
from nuweft.interfaces.neutrino_sample import NeutrinoSample
from nuweft.interfaces.response_variation import ResponseVariation
from nuweft.interfaces.source_evolution import SourceEvolutionModel
from nuweft.interfaces.tracer import Tracer
from nuweft.io.output import write_text
from nuweft.io.yaml_file import dump_yaml, read_yaml
from nuweft.irf.exposure import Exposure
from nuweft.measurement import spectrum as measurement
from nuweft.measurement.auto_power import field_power, object_auto_spectrum
from nuweft.measurement.clustering import Clustering, fit_clustering
from nuweft.measurement.fields import FieldsAndMasks, fields_and_masks
from nuweft.measurement.spectrum import Templates
from nuweft.measurement.stored import CLASSES
from nuweft.model.auto_spectrum import AutoSpectrum, BiasFit
from nuweft.model.bin_data import BinData
from nuweft.model.cross_spectrum import FIELD, SOURCES, CrossSpectrum
from nuweft.model.gaussian_model import GaussianModel
from nuweft.model.linear_kernel import LinearKernel
from nuweft.model.matched_filter import MatchedFilter
from nuweft.model.redshift_distribution import RedshiftDistribution
from nuweft.moved import old_attribute
from nuweft.parameters import boolean, component, components, integer, number, numbers, path, text
from nuweft.parameters.bounds import Slip
from nuweft.plugin import answers as plugin_answers
from nuweft.plugin import compose
from nuweft.plugin.registry import plugins
from nuweft.process.capacity import check_maps, check_trials
from nuweft.progress import Progress, Silent
from nuweft.sky.pixels import MAX_NSIDE, check_nside
from nuweft.statistics import chain, hybrid, limits, posterior, profile
from nuweft.statistics import trials as null_trials
from nuweft.statistics.likelihood_check import check_likelihood
from nuweft.statistics.signal_fit import SignalFit, signal_fit
from nuweft.typing import FloatArray

T = TypeVar("T")
_NSIDE = Slip(above="a map of NSIDE 16384 has 3.2e9 pixels")


def kept(analysis: Analysis, name: str, compute: Callable[[], T]) -> T:
    """Return a stage of a measurement, from the cache where it is there."""
    return stages.kept(analysis, name, compute, CLASSES)


def _nested(cls: type, doc: str) -> Any:
    return attrs.field(
        factory=cls, validator=attrs.validators.instance_of(cls), metadata={"doc": doc, "nested": cls}
    )


@attrs.frozen(kw_only=True)
class Analysis:
    """A cross-correlation analysis.

    Examples
    --------
    >>> import nuweft
    >>> analysis = nuweft.Analysis(
    ...     tracer=nuweft.plugins.create("tracer", "mock-galaxies"),
    ...     neutrino_sample=nuweft.plugins.create("neutrino_sample", "mock-tracks"),
    ...     mask=nuweft.plugins.create("mask", "declination", minimum="-5 deg"),
    ...     nside=32,
    ... )
    >>> analysis.estimator.plugin_name
    'pseudo-cl'
    """

    tracer: Tracer = component("tracer", doc="tracer of the large-scale structure, with its own mask")
    neutrino_sample: NeutrinoSample = component("neutrino_sample", doc="neutrino candidates")
    mask: Mask | None = component(
        "mask",
        default=None,
        optional=True,
        doc="mask of the neutrinos; the joint mask is its product with the tracer's",
    )
    estimator: PowerSpectrumEstimator = component(
        "estimator", default=DEFAULTS["estimator"], doc="estimator of the cross-power spectrum"
    )
    background: BackgroundModel = component(
        "background", default=DEFAULTS["background"], doc="model of the null"
    )
    likelihood: Likelihood = component(
        "likelihood", default=DEFAULTS["likelihood"], doc="likelihood of the spectrum"
    )
    source_evolution: tuple[SourceEvolutionModel, ...] = components(
        "source_evolution", default=(), doc="models of source evolution to be compared with the limit"
    )
    response_variations: tuple[ResponseVariation, ...] = components(
        "response_variation", default=(), doc="varied responses, for systematic uncertainties"
    )
    seed: int = integer(default=1, ge=0, doc="seed of everything random")
    nside: int = integer(
        default=128, ge=1, le=MAX_NSIDE, doc="HEALPix resolution of the analysis", slip=_NSIDE
    )
    weights: str = text(
        default="acceptance", choices=("acceptance", "none"), doc="weight of the events by declination"
    )
    weight_gamma_range: tuple[float, ...] = numbers(
        default=(1.0, 4.0),
        length=2,
        increasing=True,
        ge=-2,
        le=8,
        doc="range of the spectral index over which weights are averaged",
    )
    trials: int = integer(default=64700, ge=0, doc="scrambled trials that calibrate the test statistic")
    executor: str = text(
        default="local",
        doc="where trials run: local, or the address of a Dask scheduler such as tcp://host:8786",
    )
    cache: str | Path = path(
        default=OFF,
        words=(OFF, AUTO),
        doc="where parts of the measurement are kept for the next time: off, auto (user's cache) or a folder",
    )
    gammas: tuple[float, ...] = numbers(
        default=(2.0, 2.37, 3.0),
        at_least=1,
        distinct=True,
        doc="spectral indices at which limits are set",
    )
    gamma_range: tuple[float, ...] = numbers(
        default=(1.0, 4.0),
        length=2,
        increasing=True,
        ge=-2,
        le=8,
        doc="range of the spectral index in the fit",
    )
    gamma_points: int = integer(
        default=25, ge=7, le=2000, doc="spectral indices at which templates are computed; splines in between"
    )
    credibility: float = number(
        default=0.9,
        gt=0,
        lt=1,
        doc="credibility of upper limits",
        slip=Slip(above="a fraction is asked: 90 % is 0.9"),
    )
    tracer_uses_joint_mask: bool = boolean(
        default=False, doc="whether the tracer is masked by the joint mask instead of its own"
    )
    signal: str = text(
        default="sources",
        choices=("sources", "field"),
        doc="correlated events come from the tracer's very objects, whose shot noise the template then "
        "holds, or from sources that only share the density field; limits are made for both, this one "
        "is fitted and tested",
    )
    signal_density: str = text(
        default="mean", choices=("mean", "zero"), doc="density of sources behind the tracer's mask"
    )
    subtract_ra_mean: bool = boolean(
        default=True, doc="whether the signal template excludes what the atmospheric template absorbs"
    )
    oversampling: int = integer(
        default=8, ge=1, le=MAX_NSIDE, doc="the signal is smeared on a grid this much finer than nside"
    )
    cosmology: Cosmology = _nested(Cosmology, "cosmological model")
    diffuse_flux: DiffuseFlux = _nested(DiffuseFlux, "diffuse flux to compare with")
    f_astro: float | None = number(
        default=None,
        optional=True,
        gt=0,
        le=1,
        doc="astrophysical fraction of the sample; computed where none is given",
        slip=Slip(above="a fraction is asked: 1 % is 0.01"),
    )
    bias_ratio: float = number(default=1.0, ge=1e-3, le=1e3, doc="b_nu / b_g")

    def __attrs_post_init__(self) -> None:
        check_nside(self.nside)
        check_nside(self.oversampling)
        if self.nside * self.oversampling > MAX_NSIDE:
            raise ParameterError(
                f"oversampling: {self.oversampling} times nside {self.nside} is more than {MAX_NSIDE}; "
                "expected a smaller one"
            )
        low, high = self.gamma_range
        named = [("gammas", gamma) for gamma in self.gammas]
        for name, gamma in (*named, ("diffuse_flux.gamma", self.diffuse_flux.gamma)):
            if not low <= gamma <= high:
                raise ParameterError(f"{name}: {gamma:g} lies outside gamma_range {low:g} to {high:g}")
        plugins.composed(self)

    skies = old_attribute("skies", "fields")
    nulls = old_attribute("nulls", "bins")
    response = old_attribute("response", "kernel")
    strength_with = old_attribute("strength_with", "predictor_with")
    astrophysical_share = old_attribute("astrophysical_share", "astrophysical_fraction")

    # --- composing -----------------------------------------------------------

    @classmethod
    def from_mapping(cls, mapping: dict[str, Any], *, folder: Path | None = None) -> Analysis:
        """Return an analysis from a mapping of settings.

        Parameters
        ----------
        mapping
            Settings by name.
        folder
            What relative paths are relative to, instead of the working folder.

        Raises
        ------
        ConfigurationError
            For a key or value that does not fit; the message holds its path.
        UnknownPluginError
            For a plugin that is not installed.
        """
        analysis: Analysis = compose.construct(cls, mapping, where="analysis", folder=folder)
        return analysis

    @classmethod
    def from_yaml(cls, path: str | Path) -> Analysis:
        """Return the analysis that a YAML file describes; see :meth:`from_mapping`.

        Relative paths in the file are relative to its folder.
        """
        mapping = read_yaml(Path(path))
        try:
            return cls.from_mapping(mapping, folder=Path(path).parent)
        except (ConfigurationError, UnknownPluginError) as error:
            raise type(error)(f"{path}: {error}") from error

    def to_mapping(self) -> dict[str, Any]:
        """Return every setting, defaults included, as plain values."""
        return compose.to_mapping(self)

    def to_yaml(self, path: str | Path) -> None:
        """Write every setting, defaults included; :meth:`from_yaml` returns an equal analysis."""
        mapping = compose.to_mapping(self, folder=Path(path).parent)
        write_text(Path(path), dump_yaml(mapping))

    def inputs(self) -> tuple[Path, ...]:
        """Return the files that the parts read."""
        parts: list[Component] = [
            self.tracer,
            self.neutrino_sample,
            self.estimator,
            self.background,
            self.likelihood,
        ]
        parts += [self.mask] if self.mask is not None else []
        return tuple(
            dict.fromkeys(
                p
                for part in (*parts, *self.source_evolution, *self.response_variations)
                for p in all_inputs(part)
            )
        )

    def _repr_html_(self) -> str:
        title = f"{self.tracer.plugin_name} with {self.neutrino_sample.plugin_name}"
        return render("analysis.html.j2", title=title, mapping=self.to_mapping())

    # --- parts of the measurement, computed once -----------------------------

    @cached_property
    def fields(self) -> FieldsAndMasks:
        """Masks and the tracer's overdensity.

        Warns
        -----
        TracerWarning
            Where its objects are unlikely to be what they are taken for.
        """
        found = kept(
            self,
            "fields",
            lambda: fields_and_masks(
                self.tracer, self.mask, self.nside, tracer_uses_joint_mask=self.tracer_uses_joint_mask
            ),
        )
        for remark in found.remarks:
            warnings.warn(f"tracer {self.tracer.plugin_name}: {remark}", TracerWarning, stacklevel=2)
        return found

    @cached_property
    def auto_spectrum(self) -> AutoSpectrum:
        """Auto-power of the tracer's objects, where they are, in the mask it is measured with."""
        return object_auto_spectrum(self.fields, 3 * self.nside - 1)

    @cached_property
    def clustering(self) -> Clustering:
        """Smooth fit of the tracer's power over the multipoles of the analysis."""
        ell = self.kernel.ell
        return fit_clustering(self.fields, int(ell.min()), int(np.ceil(ell.max())))

    @cached_property
    def exposure(self) -> Exposure:
        """Exposure of the sample on the grid of spectral indices of the fit."""
        return kept(self, "exposure", lambda: self._exposure(self.gamma_range, self.gamma_points))

    def _exposure(self, gamma_range: tuple[float, ...], points: int) -> Exposure:
        gammas = np.linspace(gamma_range[0], gamma_range[1], points)
        return measurement.template_exposure(self.neutrino_sample, gammas, self.nside, self.oversampling)

    @cached_property
    def bins(self) -> tuple[BinData, ...]:
        """Events, weights and mask of each energy bin."""
        sample = self.neutrino_sample
        parts = measurement.split_by_energy(sample, self.fields, self.nside)
        weights = kept(self, "weights", self._weights)
        response, bins = sample.response(), sample.energy_bins
        return tuple(
            BinData(
                events=part,
                weights=w,
                mask=self.fields.joint_mask,
                nside=self.nside,
                label=label,
                energy_range=limits,
                response=response,
            )
            for part, w, label, limits in zip(parts, weights, bins.labels, pairwise(bins.edges), strict=True)
        )

    def _weights(self) -> FloatArray:
        wanted = (self.weight_gamma_range, measurement.WEIGHT_POINTS)
        same = wanted == (self.gamma_range, self.gamma_points)
        exposure = self.exposure if same else self._exposure(*wanted)
        return measurement.sample_weights(self.weights, exposure, self.fields)

    @cached_property
    def kernel(self) -> LinearKernel:
        """Kernel of the estimator: the spectrum as a linear function of counts in the joint mask."""
        return kept(
            self,
            "kernel",
            lambda: plugin_answers.linear_kernel(
                measurement.linear_kernel(self.estimator, self.fields), self.estimator, nside=self.nside
            ),
        )

    @cached_property
    def templates(self) -> Templates:
        """Signal and isotropic templates of each energy bin."""
        return kept(self, "templates", lambda: self.templates_with(self.exposure))

    def templates_with(self, exposure: Exposure) -> Templates:
        """Return the templates for another exposure, such as that of a varied response; weights stay."""
        return measurement.templates(
            fields=self.fields,
            clustering=self.clustering,
            weights=np.stack([bin_data.weights for bin_data in self.bins]),
            exposure=exposure,
            kernel=self.kernel,
            oversampling=self.oversampling,
            behind_mask=self.signal_density,
            subtract_ra_mean=self.subtract_ra_mean,
        )

    def point_spread_windows(self, gamma: float) -> FloatArray:
        """Return b_l of each energy bin for a spectral index, averaged over the joint mask.

        Returns
        -------
        array of shape (n_bin, lmax + 1)
            Of an isotropic flux: the mean over true energies and declinations.
        """
        return self.exposure.point_spread_windows(gamma, self.fields.joint_mask)

    # --- questions -----------------------------------------------------------

    def measure(self, progress: Progress | None = None) -> CrossSpectrum:
        """Return the cross-power spectrum with null moments and templates.

        Raises
        ------
        UndetectedClusteringError
            With ``signal: field``, if the clustering of the tracer is not detected.
        LikelihoodMismatchError
            If the likelihood computes another one than the model that it returns.
        """
        found = kept(self, "spectrum", lambda: self._measure(progress or Silent()))
        check_likelihood(self.likelihood, found)
        return found

    def _measure(self, report: Progress) -> CrossSpectrum:
        check_maps(self.nside, self.oversampling, len(self.neutrino_sample.energy_bins.labels))
        report.note("reading the tracer and the masks")
        _ = self.fields
        report.note("reading the events")
        bins = self.bins
        report.note("building the kernel of the estimator")
        kernel = self.kernel
        report.note("smearing the tracer's sky")
        templates = self.templates
        tracked = report.track(bins, "exact null moments", len(bins))
        return measurement.measure(
            tracer=self.tracer.plugin_name,
            bins=bins,
            templates=templates,
            signal=self.signal,
            exposure=self.exposure,
            kernel=kernel,
            background=self.background,
            moments=kept(
                self,
                "moments",
                lambda: [
                    plugin_answers.null_moments(
                        self.background.moments(kernel, bin_data), self.background, n_ell=len(kernel.ell)
                    )
                    for bin_data in tracked
                ],
            ),
        )

    def model(self, measured: CrossSpectrum) -> GaussianModel:
        """Return the Gaussian blocks of the likelihood."""
        return plugin_answers.gaussian_model(self.likelihood, measured)

    def fit(self, measured: CrossSpectrum) -> profile.FitResult:
        """Return the best fit with f_corr >= 0 and gamma free, and that of the null."""
        profile.check_data_points(measured)
        return profile.fit(self.model(measured), float(measured.events_per_bin.sum()))

    def upper_limit(
        self,
        measured: CrossSpectrum,
        gamma: float,
        credibility: float | None = None,
        *,
        signal: str | None = None,
    ) -> limits.UpperLimit:
        """Return the upper limit on f_corr at fixed gamma.

        Parameters
        ----------
        measured
            The spectrum.
        gamma
            Spectral index.
        credibility
            Posterior probability below the limit; that of the analysis where none is given.
        signal
            Kind of signal, ``sources`` or ``field``; that of ``measured`` where none is given.

        Raises
        ------
        UndetectedClusteringError
            For ``field``, if the clustering of the tracer is not detected.
        """
        chosen = measured if signal is None else measured.with_signal(signal)
        return limits.upper_limit(
            self.model(chosen),
            gamma,
            self.credibility if credibility is None else credibility,
            signal=chosen.signal,
        )

    def signal_fit(self, measured: CrossSpectrum, gamma: float) -> SignalFit:
        """Return the likelihood of all kinds of signal together at fixed gamma."""
        kinds = [kind for kind in (SOURCES, FIELD) if kind in measured.signals]
        return signal_fit({kind: self.model(measured.with_signal(kind)) for kind in kinds}, gamma)

    def flux(self, measured: CrossSpectrum, f_corr: float, gamma: float) -> float:
        """Return the flux at 100 TeV of a correlation strength, in GeV^-1 cm^-2 s^-1 sr^-1."""
        return f_corr * float(measured.events_per_bin.sum()) / measured.acceptance(gamma)

    def filters(self, measured: CrossSpectrum) -> list[MatchedFilter]:
        """Return the matched filters of the trials, one per energy bin."""
        return null_trials.matched_filters(self.model(measured), self.kernel, self.bins)

    def run_trials(
        self, measured: CrossSpectrum, count: int | None = None, *, start: int = 0
    ) -> list[FloatArray]:
        """Return the sufficient statistics of scrambled trials, per energy bin."""
        check_trials(self.trials if count is None else count, len(measured.blocks))
        return null_trials.null_statistics(
            self.filters(measured),
            self.bins,
            self.background,
            seed=self.seed,
            start=start,
            count=self.trials if count is None else count,
        )

    def trial_spectra(self, number: int) -> list[FloatArray]:
        """Return C_l of one scrambled trial, per energy bin; the trial is that of :meth:`run_trials`."""
        return [
            self.kernel.spectrum(
                answers.array(
                    self.background.trial_counts(bin_data, seed=self.seed, trial=number),
                    self.background,
                    "trial_counts",
                    shape=bin_data.weights.shape,
                    lowest=0,
                )
                * bin_data.weights
            )
            for bin_data in self.bins
        ]

    def calibrate(self, measured: CrossSpectrum, statistics: Sequence[FloatArray]) -> null_trials.PValue:
        """Return the p-value of the observed test statistic from trials."""
        model = self.model(measured)
        observed = profile.profile_likelihood(model).test_statistic[0]
        return null_trials.p_value(null_trials.trial_test_statistics(model, statistics), float(observed))

    def hybrid_task(
        self, measured: CrossSpectrum, *, dense_from: float = hybrid.DENSE_FROM
    ) -> hybrid.HybridTask:
        """Return the task of hybrid trials.

        Energy bins with at least ``dense_from`` events are drawn from their
        exact moments; see :mod:`nuweft.statistics.hybrid`.
        """
        return hybrid.hybrid_task(
            self.model(measured),
            measured,
            self.filters(measured),
            self.bins,
            self.background,
            seed=self.seed,
            dense_from=dense_from,
        )

    def tail_probability(
        self,
        measured: CrossSpectrum,
        trials: int,
        *,
        dense_from: float = hybrid.DENSE_FROM,
        progress: Progress | None = None,
    ) -> tuple[null_trials.PValue, FloatArray]:
        """Return the p-value of the observed test statistic from hybrid trials, and their histogram."""
        return hybrid.tail_probability(
            self.hybrid_task(measured, dense_from=dense_from),
            self.fit(measured).test_statistic,
            trials,
            executor=self.executor,
            progress=progress,
        )

    def posterior(self, measured: CrossSpectrum, **options: Any) -> chain.Posterior:
        """Return posterior samples; options as in :func:`nuweft.statistics.posterior.sample_posterior`."""
        return posterior.sample_posterior(self.model(measured), seed=self.seed, **options)

    def astrophysical_fraction(self, measured: CrossSpectrum, gamma: float | None = None) -> float:
        """Return f_astro: as set, or from the diffuse flux and the isotropic acceptance.

        Parameters
        ----------
        measured
            The spectrum.
        gamma
            Spectral index, with the normalisation at 100 TeV kept; that of the
            diffuse flux where none is given.
        """
        if self.f_astro is not None:
            return self.f_astro
        diffuse = self.diffuse_flux
        index = diffuse.gamma if gamma is None else gamma
        expected = diffuse.normalisation * measured.isotropic_acceptance(index)
        return expected / float(measured.events_per_bin.sum())

    def strength(self, measured: CrossSpectrum) -> Predictor:
        """Return the expected f_corr of source models, at the index of the diffuse flux.

        Raises
        ------
        RedshiftError
            If the tracer has no redshift distribution.
        """
        return self.predictor_with(
            self._redshifts(),
            measured.blocks[0].ell,
            f_astro=self.astrophysical_fraction(measured),
            bias_ratio=self.bias_ratio,
            shot_noise=self.relative_shot_noise,
        )

    def predictor_with(
        self,
        redshifts: RedshiftDistribution,
        ell: FloatArray,
        *,
        f_astro: float,
        bias_ratio: float,
        shot_noise: float = 0.0,
    ) -> Predictor:
        """Return the expected f_corr of source models for given redshifts of the tracer, without data.

        Parameters
        ----------
        redshifts
            Of the tracer.
        ell
            Multipoles, shape (n_ell,).
        f_astro, bias_ratio
            See :class:`~nuweft.evolution.prediction.Predictor`.
        shot_noise
            See :attr:`relative_shot_noise`.
        """
        response, finer = (
            redshift_kernel(
                distribution,
                self.cosmology.ccl(),
                ell,
                bias=self.tracer.bias,
                magnification=self.tracer.magnification,
                shot_noise=shot_noise,
            )
            for distribution in (redshifts, redshifts.refined())
        )
        return Predictor(
            response=response,
            gamma=self.diffuse_flux.gamma,
            f_astro=f_astro,
            bias_ratio=bias_ratio,
            finer=finer,
        )

    @cached_property
    def relative_shot_noise(self) -> float:
        """Shot noise of the tracer in C_l, for clustering with the bias that is set.

        The measured one, divided by the squared ratio of the fitted bias to
        the tracer's ``bias``; as measured where no bias can be fitted.
        """
        auto = self.auto_spectrum
        noise = auto.shot_noise / float(np.mean(auto.mask**2))
        try:
            fitted = self.galaxy_bias().bias
        except (RedshiftError, ModelError):
            return noise
        return noise * (self.tracer.bias / fitted) ** 2

    def _redshifts(self) -> RedshiftDistribution:
        redshifts = plugin_answers.redshifts(self.tracer)
        if redshifts is None:
            raise RedshiftError(f"tracer {self.tracer.plugin_name}: no redshift distribution")
        return redshifts

    def galaxy_bias(self, **options: Any) -> BiasFit:
        """Return the bias of the tracer from its auto-power.

        Options as in :func:`nuweft.evolution.galaxy_bias.fit_bias`.

        Raises
        ------
        RedshiftError
            If the tracer has no redshift distribution.
        ModelError
            If there are too few multipoles, or no signal.
        """
        redshifts = self._redshifts()
        settings = {"magnification": self.tracer.magnification} | options
        return fit_bias(self.auto_spectrum, redshifts, self.cosmology.ccl(), **settings)

    def source_variance(self, measured: CrossSpectrum, gamma: float) -> float:
        """Return the shot noise of sources; as in :mod:`nuweft.evolution.realisation_variance`."""
        ell = np.rint(measured.blocks[0].ell).astype(int)
        power = field_power(self.fields, int(ell.max()))[ell] / np.mean(self.fields.field_mask**2)
        return source_variance(self.model(measured), measured, power, gamma)

    def evolution(self, measured: CrossSpectrum) -> list[EvolutionResult]:
        """Return the f_corr that the models of source evolution predict; see :meth:`strength`."""
        return predict(self.source_evolution, self.strength(measured))
