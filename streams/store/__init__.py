"""The object store: where documents come from, and everything goes that is too large for Kafka.

`object_store.py` is the seam, `s3_store.py` speaks S3, `sealed_store.py` encrypts around it.
"""
