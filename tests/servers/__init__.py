"""Servers that the tests run against: Apache Kafka and MinIO, started here, or yours from outside.

What lives here installs programs into `.cache/` and starts them. What is tested with them, and the
embedded pair (`streams.embedded`), never does.
"""
