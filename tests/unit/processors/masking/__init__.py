"""Tests of masking."""
