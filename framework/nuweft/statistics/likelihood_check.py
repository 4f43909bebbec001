"""Whether the likelihood that a plugin defines is the one that results are made with."""

from __future__ import annotations

import numpy as np

from nuweft.errors import LikelihoodMismatchError
from nuweft.interfaces.likelihood import Likelihood
from nuweft.model.cross_spectrum import CrossSpectrum
from nuweft.statistics.profile import f_atm, unconstrained

_POINTS = 8
_ABSOLUTE, _RELATIVE = 0.02, 0.005
_SIGMAS = 4.0  # of the residual along what the low rank leaves out


def check_likelihood(likelihood: Likelihood, measured: CrossSpectrum) -> None:
    """Refuse a likelihood whose ``log_likelihood`` differs from the Gaussian model that it returns.

    Fits, limits and trials are made with the model; a ``log_likelihood`` of
    another form would change nothing. They are compared, up to a constant, at
    eight points within some four sigma of the best fit over all spectral indices.

    Raises
    ------
    LikelihoodMismatchError
        Names the plugin and the point.
    """
    model = likelihood.model(measured)
    if model.data_points <= len(model.parameters):  # nothing can be fitted, which the fit refuses
        return
    errors = np.array([1 / np.sqrt(block.gram[0, 0]) for block in model.blocks])
    points, own, full, truncated = [], [], [], []
    for k, gamma in enumerate(np.linspace(model.gammas[0], model.gammas[-1], _POINTS)):
        estimate, sigma = unconstrained(model, float(gamma))
        f_corr = float(estimate) + sigma * (k % 4 - 1.5)
        away = errors * (2 * ((k + np.arange(len(errors))) % 3) - 2)
        theta = np.concatenate([[f_corr, gamma], f_atm(model, f_corr, float(gamma)) + away])
        points.append(theta)
        truncated.append(model.truncation_error * abs(f_corr) / sigma)
        own.append(float(model.log_likelihood(theta)))
        full.append(float(likelihood.log_likelihood(theta, measured)))
    difference = (np.array(full) - full[0]) - (np.array(own) - own[0])
    # the model's templates are of low rank, within a stated error that grows with f_corr
    cut = np.array(truncated) + truncated[0]
    allowed = _ABSOLUTE + _RELATIVE * np.abs(np.array(own) - own[0]) + _SIGMAS * cut + cut**2
    worst = int(np.argmax(np.where(np.isfinite(difference), np.abs(difference) / allowed, np.inf)))
    if not np.abs(difference[worst]) <= allowed[worst]:
        values = ", ".join(f"{n} {v:.4g}" for n, v in zip(model.parameters, points[worst], strict=True))
        raise LikelihoodMismatchError(
            f"likelihood {likelihood.plugin_name}: log_likelihood differs by {difference[worst]:.3g} from "
            f"the Gaussian model that it returns, at {values}; fits, limits and trials are made with the "
            "model, so that log_likelihood would change nothing; return a model that is the same likelihood"
        )
