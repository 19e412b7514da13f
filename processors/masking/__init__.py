"""Personal data in what was read: found, and masked in texts and pictures.

Start at `mask.py`; `find.py` lists the finders, one module for each kind of data. Pure computation
on published pages (`schemas.results`): nothing in here reads a file, a setting or the network.
"""
