"""Instancetypes and preferences that exist, as series that generate the very same objects."""
