"""Public catalogs as named data sets."""

from __future__ import annotations

from nuweft.model import DataFile, Dataset, Repository, WheelMember
from nuweft.references import article

_COLUMNS = {"ra": "RA_DEG", "dec": "DEC_DEG"}
_FLARESTACK = "flarestack==2.4.10"
_FLARESTACK_SHA256 = "174955983d941c8f3403496d56a7e9f996789f8e46873ebcc3819a29afd6f381"
_FLARESTACK_FOLDER = "flarestack/analyses/agn_cores/catalogues/raw/"

AGN_CORES = article(
    "Abbasi2022",
    "{IceCube Collaboration} and Abbasi, R. and others",
    "Search for neutrino emission from cores of active galactic nuclei",
    "Physical Review D",
    106,
    "022005",
    2022,
)

AGN_IR_SELECTED = Dataset(
    name="agn-ir-selected",
    title="Infrared-selected active galactic nuclei, 52,835 (2RXS and XMMSL2 with AllWISE)",
    citation="Abbasi et al. 2022, PRD 106, 022005",
    references=(AGN_CORES,),
    licence="MIT (the package that distributes it)",
    files=(
        DataFile(
            path="RadioLoudAGN_IRSelected_2rxsXmmsl2AllWise_no3LACbl_June2019_small.fits",
            sha256="4fe31e6074f9cb572961a6249970c8abbaca7b28c1e90baede318e5d344c9ee8",
            columns=_COLUMNS,
            source=WheelMember(
                requirement=_FLARESTACK,
                wheel_sha256=_FLARESTACK_SHA256,
                member=(
                    f"{_FLARESTACK_FOLDER}RadioLoudAGN_IRSelected_2rxsXmmsl2AllWise_no3LACbl_June2019_small.fits"
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

AGN_LOW_LUMINOSITY = Dataset(
    name="agn-low-luminosity",
    title="Low-luminosity active galactic nuclei, 25,648 (2RXS with AllWISE)",
    citation="Abbasi et al. 2022, PRD 106, 022005",
    references=(AGN_CORES,),
    licence="MIT (the package that distributes it)",
    files=(
        DataFile(
            path="LLAGN_2rxs2AllWiseSayfertness_no3LACbl_April2020_small.fits",
            sha256="6f0c19931be6c7d9c3b1e1f37165e9c26442d34de54ab4a2a1965373fe5f0ce8",
            columns=_COLUMNS,
            source=WheelMember(
                requirement=_FLARESTACK,
                wheel_sha256=_FLARESTACK_SHA256,
                member=f"{_FLARESTACK_FOLDER}LLAGN_2rxs2AllWiseSayfertness_no3LACbl_April2020_small.fits",
            ),
        ),
        # the same rows with the columns RA_DEG, DEC_DEG, XRay_FLUX and seyfertness only
        DataFile(
            path="agn_low_luminosity.csv",
            sha256="9750b01fd8c75ae4cc73867ac579a9003295162a1c926bba42f575e95c65d45c",
            columns=_COLUMNS,
        ),
    ),
    variants=True,
)

OPENNGC = Dataset(
    name="openngc-galaxies",
    title="NGC and IC galaxies, 10,521, of which 9,980 have a redshift; historic, not complete in flux",
    citation="M. Verga, OpenNGC",
    licence="CC-BY-SA-4.0",
    files=(
        DataFile(
            path="openngc_galaxies.csv",
            sha256="3e8f366c5053ee3eecf58be93ef1e4e9c9970d892d0d98da1d11c4465a81c895",
            columns={"ra": "ra_deg", "dec": "dec_deg", "z": "redshift"},
        ),
    ),
)

_NEAR = "73161c36b4206bce70ce292016d6345e4891769199293293aa0beb6d7f599e10"
_MIDDLE = "9da95b8155a8c6130e3b3ba532e62ad6d784e47699eff6be5f73f4b66395bf64"
_FAR = "ab6264c6f1baac186cc398f3cb4a7afd26273ffdbdf0901aa3d5c25cf7e13b69"
_SDSS_SLICES = (  # range of redshift, sha256 of the counts, sha256 of the mask
    ("0.0", "0.1", "f53953c6fdf131e5fed7cbda4286f4f6c7fb1b6787c43387d98f3a63d6b37e1c", _NEAR),
    ("0.1", "0.2", "9b2558a1ed66781e4d23ddcb748baafd7b7e48232e5e74ee5ef8ed212382008d", _NEAR),
    ("0.2", "0.3", "bddfad59e0db7308e20e9bddd81fbcd87daec11696b4c62e586e8bca248ddfd6", _NEAR),
    ("0.4", "0.5", "cbeab19afd04f3d1158731caa471ba7a0cb6a9320087acba2052da297f0fcae8", _MIDDLE),
    ("0.5", "0.6", "ef003dfc233e4e40493232f638aa338e6a24b3b1a97e91b42522a78160e963c4", _MIDDLE),
    ("0.7", "0.8", "fab82dfb4c7ed326421fde109c99580ce10ad612b1e80be7f144fcba369f8d52", _MIDDLE),
    ("0.8", "1.0", "23c8fa2a3563eff4ebc9152428154ac555c524049a4a580b73deb98318909c4b", _FAR),
    ("1.0", "1.2", "af348174aefa961eb7689c0d9719fd9e5a8503089448eb7da516429541ffc173", _FAR),
    ("1.2", "1.4", "fd615ed07b96a38a83f1c188974723392cda1db8d333ceb43e3e189ea8a111fe", _FAR),
    ("1.4", "1.6", "c8227c279c74ae88289f2e3f0b5af4bf17d9377070d23482f50612d58114ad0c", _FAR),
    ("1.6", "1.8", "828e6044d8932e22e4151ba65309b98019fcc3bc211091442444885fbf60398b", _FAR),
    ("1.8", "2.0", "26cef2b1e0681e3f97106ba1016b1b34f37f7ea768eabfe4d0733c00eb7dc5d1", _FAR),
    ("2.0", "2.2", "430e13263fb15ac21542a9867e061d03bf519e6c202e75381b33cf40d7ec298a", _FAR),
)


def _sdss(low: str, high: str, what: str, title: str, sha256: str) -> Dataset:
    path = f"SDSS_z{low}_{high}_{what}.fits"
    folder = "KIPAC/nuXgal/data/ancil"
    source = Repository(repository="dguevel/nuXgal", commit="b477cd7", path=f"{folder}/{path}")
    return Dataset(
        name=f"sdss-z{low}-{high}-{what.removeprefix('galaxy')}",
        title=f"{title}, {low} < z < {high}, NSIDE 128, equatorial",
        citation="SDSS; the data release is not recorded in the repository",
        licence="no licence of the data is stated; the repository is GPL-2.0",
        files=(DataFile(path=path, sha256=sha256, source=source),),
    )


SDSS = tuple(
    dataset
    for low, high, counts, mask in _SDSS_SLICES
    for dataset in (
        _sdss(low, high, "galaxymap", "SDSS spectroscopic galaxy counts", counts),
        _sdss(low, high, "mask", "Footprint of the SDSS spectroscopic galaxy counts", mask),
    )
)
"""Counts and mask of each slice of redshift."""
