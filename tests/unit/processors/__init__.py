"""Tests of `processors`, without any model."""
