"""The HTTP API: documents in, results out, for clients without Kafka or S3.

It keeps nothing: documents lie in the object store, events and progress are on Kafka, and any
replica answers for any document. No reading happens here, and nothing else in ocrstream imports
FastAPI.
"""
