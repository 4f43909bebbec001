"""The public maps, the mask of the catalog and its published redshift distribution."""

from __future__ import annotations

from typing import Any

from nuweft.model import DataFile, Dataset, RedshiftDistribution, Repository
from nuweft.references import METHOD, article

KOVACS_SZAPUDI = article(
    "Kovacs2015",
    "Kov{\\'a}cs, A. and Szapudi, I.",
    "Star-galaxy separation strategies for WISE-2MASS all-sky infrared galaxy catalogues",
    "Monthly Notices of the Royal Astronomical Society",
    448,
    "1305--1313",
    2015,
)

WISE_2MASS_MAP = Dataset(
    name="wise-2mass-map",
    title="WISE-2MASS galaxy counts, NSIDE 128, equatorial (4,915,596 galaxies)",
    citation="Fang et al. 2020, ApJ 894, 112; selection of Kovacs & Szapudi 2015, MNRAS 448, 1305",
    references=(*METHOD[1:], KOVACS_SZAPUDI),
    licence="no licence of the data is stated; the repository is GPL-2.0",
    files=(
        DataFile(
            path="WISE_galaxymap.fits",
            sha256="b33cfaec1620b22d06f2e3091b1519cc146ea4434b2699f133901f81ce9ea8f2",
            source=Repository(
                repository="dguevel/nuXgal",
                commit="b477cd7",
                path="KIPAC/nuXgal/data/ancil/WISE_galaxymap.fits",
            ),
        ),
    ),
)

PLANCK_MASK = Dataset(
    name="planck-galactic-plane-mask",
    title="Planck HFI galactic-plane mask (80 % of the sky), rotated to equatorial, NSIDE 128",
    citation="Planck Collaboration 2015, HFI_Mask_GalPlane-apo0_2048_R2.00",
    licence="Planck data are public; the repository is GPL-2.0",
    files=(
        DataFile(
            path="HFI_Mask_GalPlane-apo0_2048_R2.00_nside128.fits",
            sha256="77b21c0712a8e24c09a91aa44715e6bc5336ce821c4f945065f6257f3d26c96c",
            source=Repository(
                repository="dguevel/nuXgal",
                commit="b477cd7",
                path="KIPAC/nuXgal/data/ancil/HFI_Mask_GalPlane-apo0_2048_R2.00_nside128.fits",
            ),
        ),
    ),
)

CATALOG_MASK: dict[str, Any] = {
    "plugin": "intersection",
    "masks": [
        {"plugin": "galactic-cut", "minimum": "10 deg"},
        {"plugin": "map-file", "dataset": PLANCK_MASK.name, "threshold": 0.5, "regrid": True},
        # Large and Small Magellanic Cloud; 0.5 deg in the text of Abbasi et al. 2025
        {"plugin": "circles", "ra": [80.894, 13.187], "dec": [-69.756, -72.829], "radius": [5.0]},
    ],
}
"""Mask of the catalog: galactic plane and Magellanic Clouds."""

STAND_IN_PERCENTILES = {10: 0.05, 50: 0.12, 90: 0.22}
"""Published percentiles of the redshifts (Abbasi et al. 2025)."""


def stand_in() -> RedshiftDistribution:
    """Return a smooth n(z) with the published percentiles, until a matched table is at hand."""
    return RedshiftDistribution.smail(
        1.38880, 0.109472, 1.61597, source="smooth stand-in with the published percentiles 0.05, 0.12, 0.22"
    )
