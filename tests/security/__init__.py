"""Tests that hold the function to what SECURITY.md says."""
