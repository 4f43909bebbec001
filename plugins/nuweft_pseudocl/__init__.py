"""Pseudo-C_l estimators."""

from __future__ import annotations

from nuweft import hookimpl


@hookimpl
def nuweft_register_estimator() -> list[type]:
    """Register the estimators."""
    from nuweft_pseudocl.decoupled import PseudoClDecoupled
    from nuweft_pseudocl.pseudo_cl import PseudoCl

    return [PseudoCl, PseudoClDecoupled]
