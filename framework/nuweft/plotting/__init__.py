"""Figures; the one place that imports matplotlib."""
