"""From maps and events to spectra, their null moments and templates."""
