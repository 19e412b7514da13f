"""Tests of single units, on fakes and small arrays; the folders mirror the packages."""
