"""Choosing among the objects of catalogs: what each one is, which fit, how they differ. Pure functions on plain dicts."""
