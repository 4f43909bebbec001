"""From data to statements: measurement, fit, trials, limits, posterior."""
