"""Public catalogs as named data sets."""

from __future__ import annotations

from nuweft.datasets import DataFile, Dataset, WheelMember

_COLUMNS = {"ra": "RA_DEG", "dec": "DEC_DEG"}

AGN_IR_SELECTED = Dataset(
    name="agn-ir-selected",
    title="Infrared-selected active galactic nuclei, 52,835 (2RXS and XMMSL2 with AllWISE)",
    citation="Abbasi et al. 2022, PRD 106, 022005",
    licence="MIT (the package that distributes it)",
    files=(
        DataFile(
            path="RadioLoudAGN_IRSelected_2rxsXmmsl2AllWise_no3LACbl_June2019_small.fits",
            sha256="4fe31e6074f9cb572961a6249970c8abbaca7b28c1e90baede318e5d344c9ee8",
            columns=_COLUMNS,
            source=WheelMember(
                requirement="flarestack==2.4.10",
                wheel_sha256="174955983d941c8f3403496d56a7e9f996789f8e46873ebcc3819a29afd6f381",
                member=(
                    "flarestack/analyses/agn_cores/catalogues/raw/"
                    "RadioLoudAGN_IRSelected_2rxsXmmsl2AllWise_no3LACbl_June2019_small.fits"
                ),
            ),
        ),
        # the same rows with the columns RA_DEG, DEC_DEG and XRay_FLUX only
        DataFile(
            path="agn_ir_selected.csv",
            sha256="ad79277cf2b16da36935711319c9005e927faad8cda6f14623fd98e20351c0fa",
            columns=_COLUMNS,
        ),
    ),
    variants=True,
)
