"""Every registered plugin, of whatever distribution, keeps the contract of its kind."""

from nuweft.testing import registered_contracts

globals().update(
    registered_contracts(
        expected_failures={
            "background/atmospheric-flux": {
                "test_realisations_keep_declinations_and_energies": "declinations follow from the flux"
            },
        }
    )
)
