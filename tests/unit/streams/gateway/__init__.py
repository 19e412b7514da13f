"""Units of `streams`, without servers."""
