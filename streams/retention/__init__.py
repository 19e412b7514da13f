"""How long things are kept, and the three nets that let nothing stay longer.

Uploads go when they are settled (`settled_uploads.py`), by rules of the store (`lifecycle.py`), and
by `ocrstream retention sweep` (`sweep.py`).
"""
