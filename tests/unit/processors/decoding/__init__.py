"""Tests of `processors.decoding`."""
