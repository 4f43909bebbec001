"""Plugins: hooks, registry, composition from settings, new packages."""
