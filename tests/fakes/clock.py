"""A clock that goes when it is told to."""

from dataclasses import dataclass


@dataclass
class FakeClock:
    """Seconds that never go back."""

    time_s: float = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.time_s
