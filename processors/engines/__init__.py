"""Inference engines behind three small seams, see `base.py`.

A runner takes uint8 pictures and gives back small arrays; normalisation and arg-max are its own
affair. Geometry, batching, DB boxes and CTC collapse live above, once for all engines.
"""
