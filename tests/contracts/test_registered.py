"""Every registered plugin, of whatever distribution, keeps the contract of its kind."""

from nuweft.testing import registered_contracts

globals().update(registered_contracts())
