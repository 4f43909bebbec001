"""What the figures of a run show, for those who did not make them."""

from __future__ import annotations

_CAPTIONS = {
    "tracer": "Overdensity of the tracer in its mask, and the distribution of its redshifts.",
    "sample": "Events of each energy bin: their sky in the joint mask, and declinations with the weights.",
    "response": "How flat the weighted exposure is in declination, and the point spread of each energy bin.",
    "spectrum": (
        "Cross-power spectrum of each energy bin in bands of multipoles. Grey: exact mean and 1 sigma of "
        "scrambled data; lines: fits of the null and, where there is one, of a signal."
    ),
    "flux_limit": (
        "Upper limits on the flux that correlates with the tracer, drawn over the energies that matter to "
        "each, beside the diffuse flux."
    ),
    "likelihood": "Profile likelihood in correlation strength and spectral index, and in flux.",
    "test_statistic": "Test statistic of scrambled data; the star is the observed one.",
    "tracer_auto": "Auto-power of the tracer with the fit of its bias and shot noise.",
    "evolution": "Expected correlation strength of models of source evolution beside the upper limit.",
    "evolution_finite_sources": "Expected correlation strength where there are finitely many sources.",
    "sensitivity": "Median limit without a signal and discovery potential.",
    "recovery": "Predictor and spectral index that are recovered from injected signals.",
    "injection": "Fits of one injected strength.",
    "systematics": "Change of the fit under varied responses of the detector.",
}


def caption(name: str) -> str:
    """Return the caption of a figure by the name of its file without suffix."""
    if name not in _CAPTIONS and name.startswith("evolution_"):
        model = name.removeprefix("evolution_")
        return f"Expected correlation strength over the parameters of {model}, beside the upper limit."
    return _CAPTIONS.get(name, name.replace("_", " ").capitalize() + ".")


def captioned() -> tuple[str, ...]:
    """Return the names of figures with a caption, in the order in which one looks at them."""
    return tuple(_CAPTIONS)
