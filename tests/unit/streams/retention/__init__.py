"""Units of `streams.retention.rules`, without servers."""
