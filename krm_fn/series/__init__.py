"""Compact series definitions and the families of objects that follow from them."""
