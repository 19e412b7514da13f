"""Units of `streams.store`, without servers."""
