"""The public releases as named data sets, and what the collaboration publishes beside them."""

from __future__ import annotations

from nuweft.model import DataFile, Dataset, WheelMember
from nuweft.references import article, misc

PS_3YR = Dataset(
    name="icecube-ps-3yr",
    title="IceCube all-sky point-source data, years 2010-2012 (334,677 events)",
    citation=(
        "IceCube Collaboration 2018, All-sky point-source IceCube data: years 2010-2012; "
        "Aartsen et al. 2017, ApJ 835, 151"
    ),
    references=(
        misc(
            "IceCubePS3yr",
            "{IceCube Collaboration}",
            "All-sky point-source IceCube data: years 2010-2012",
            year="2018",
            howpublished="data release",
        ),
        article(
            "Aartsen2017",
            "{IceCube Collaboration} and Aartsen, M. G. and others",
            "All-sky Search for Time-integrated Neutrino Emission from Astrophysical Sources with 7 yr of "
            "IceCube Data",
            "Astrophysical Journal",
            835,
            151,
            2017,
        ),
    ),
    licence="none stated by the release; cite the collaboration",
    files=(
        DataFile(
            path="3year-data-release.zip",
            sha256="c22f92b6d17824bc586261f3c3cae0ab4833bd39decda4c44b1de38545d667ab",
            source=WheelMember(
                requirement="flarestack==2.4.10",
                wheel_sha256="174955983d941c8f3403496d56a7e9f996789f8e46873ebcc3819a29afd6f381",
                member=(
                    "flarestack/data/public/icecube/all_sky_point_source/raw_data/3year-data-release.zip"
                ),
            ),
        ),
    ),
)

SEASONS_10YR = (
    "IC40",
    "IC59",
    "IC79",
    "IC86_I",
    "IC86_II",
    "IC86_III",
    "IC86_IV",
    "IC86_V",
    "IC86_VI",
    "IC86_VII",
)
"""Seasons of the 10-year release, in order of time."""

RESPONSE_SEASON = dict.fromkeys(SEASONS_10YR[5:], "IC86_II")
"""Seasons that use the response of another season."""

PS_10YR = Dataset(
    name="icecube-ps-10yr",
    title="IceCube all-sky point-source data, years 2008-2018 (folder layout of the release)",
    citation=(
        "IceCube Collaboration 2021, IceCube data for neutrino point-source searches: years 2008-2018, "
        "arXiv:2101.09836, doi:10.21234/sxvs-mt83"
    ),
    references=(
        misc(
            "IceCubePS10yr",
            "{IceCube Collaboration} and Abbasi, R. and others",
            "IceCube Data for Neutrino Point-Source Searches Years 2008-2018",
            year="2021",
            eprint="2101.09836",
            archiveprefix="arXiv",
            doi="10.21234/sxvs-mt83",
        ),
    ),
    licence="none stated by the release; cite the collaboration",
    files=tuple(
        DataFile(path=path, sha256=None)
        for season in SEASONS_10YR
        for path in (
            f"events/{season}_exp.csv",
            f"uptime/{season}_exp.csv",
            *(
                (f"irfs/{season}_effectiveArea.csv", f"irfs/{season}_smearing.csv")
                if season not in RESPONSE_SEASON
                else ()
            ),
        )
    ),
)

LIVETIME_DAYS = {"IC79-2010": 316.05, "IC86-2011": 332.96, "IC86-2012": 331.98}
"""Livetimes of the seasons of the 3-year release in days: sums of the good-run
lists of the 10-year release (arXiv:2101.09836), since the 3-year one has none."""

ANGULAR_ERROR_FLOOR = "0.2 deg"
"""Smallest angular uncertainty that the 10-year release allows (its readme)."""
