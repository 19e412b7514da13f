"""Tests of `processors.engines`."""
