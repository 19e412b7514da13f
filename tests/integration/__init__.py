"""Parts of `streams` on a real Kafka protocol and a real S3 protocol."""
