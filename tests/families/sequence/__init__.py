"""Tests of the family of sequences."""
