"""Which model files there are, what they read, and whether they are what they claim to be.

`catalog.toml` lists the known models, `registry.py` finds and verifies them. No weights live here.
"""
