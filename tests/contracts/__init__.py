"""What others rely on: one suite for all implementations of a seam, and the published schemas."""
