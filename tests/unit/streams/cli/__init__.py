"""Tests of `streams.cli`."""
