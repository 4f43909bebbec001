from nuweft.testing import SourceEvolutionContract


class TestLongGRBRate(SourceEvolutionContract):
    plugin = "long-grb-rate"
