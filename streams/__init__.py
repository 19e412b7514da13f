"""Delivery and lifecycle: Kafka, the object store, HTTP, the command line.

The only package with side effects. Start at `handler.py`, the path of one document, or at `app.py`,
where everything is put together. No pixel is touched in here: that is `processors`.
"""
