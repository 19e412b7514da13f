"""What crosses a process boundary: events, results, alerts, dead letters.

Pydantic models, frozen. Nothing here does I/O, holds an array or knows Kafka; `processors` and
`streams` import this package, never the other way round. `python -m schemas.export docs` writes
the JSON Schemas and the AsyncAPI document of everything in here.
"""
