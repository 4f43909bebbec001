"""A table of the atmospheric flux at the South Pole."""

from __future__ import annotations

from nuweft.model import DataFile, Dataset, WheelMember

MCEQ_SOUTH_POLE = Dataset(
    name="mceq-numu-south-pole",
    title="atmospheric nu_mu + anti-nu_mu flux at the South Pole (MCEq, SIBYLL2.3d, H3a), northern sky",
    citation="Fedynitch et al. 2015, arXiv:1503.00544; 2019, PRD 100, 103018; table of softpaws 1.0.0",
    licence="GPL-3.0-or-later (of the package that holds the table)",
    files=(
        DataFile(
            path="mceq_numu_south_pole.npz",
            sha256="cd247dd09f34d840c1fc9e730074d18c0640df70c2e0ac0d427507874b1c0eda",
            source=WheelMember(
                requirement="softpaws==1.0.0",
                wheel_sha256="50059e4c2e34017feb1afeef9f8514b310f3e0892c4fe8ba07b406204450f823",
                member="softpaws/data/atmospheric/mceq_numu_south_pole.npz",
            ),
        ),
    ),
)
