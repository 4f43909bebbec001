"""A finished run as tables, a page and citations."""
