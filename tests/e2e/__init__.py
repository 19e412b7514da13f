"""The whole path with real weights: workers as processes, on whichever servers the run has."""
