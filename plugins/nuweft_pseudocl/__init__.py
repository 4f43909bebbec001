"""The pseudo-C_l estimator."""

from __future__ import annotations

from nuweft import hookimpl


@hookimpl
def nuweft_register_estimator() -> list[type]:
    """Register the estimator."""
    from nuweft_pseudocl.pseudo_cl import PseudoCl

    return [PseudoCl]
