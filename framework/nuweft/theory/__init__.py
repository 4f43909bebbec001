"""Cosmology and expected spectra, by the Core Cosmology Library."""
