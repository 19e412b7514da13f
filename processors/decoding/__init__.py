"""From bytes to pages. Formats are told by content (`sniff.py`), never by name.

A format is one `PageDecoder`; `decoders.py` knows them all.
"""
