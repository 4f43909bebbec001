from nuweft.testing import TracerContract


class TestOpenNGC(TracerContract):
    plugin = "openngc"
