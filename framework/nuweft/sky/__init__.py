"""Value types and mathematics on the sphere: pixels, rings, harmonics, bins, tables."""
