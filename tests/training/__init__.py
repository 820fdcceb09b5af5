"""Tests of what all learning shares."""
