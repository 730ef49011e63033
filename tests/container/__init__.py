"""Tests that run the image in a real container engine."""
