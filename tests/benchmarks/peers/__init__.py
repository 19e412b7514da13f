"""Contenders of the comparison: one program each, in an environment of its own."""
