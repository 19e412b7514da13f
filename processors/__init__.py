"""From pixels to text: pure computation on values.

Start at `pipeline.py`, the order of the stages. Nothing in here knows Kafka, Faust, an object
store, the network or the environment; `streams` calls this package, and it imports only `schemas`.
"""
