"""Tests of `processors.models`."""
