"""What the environment owes to everything that imports `cv2`."""

from importlib.metadata import packages_distributions


def test_environment_has_one_opencv() -> None:
    """Two distributions of OpenCV overwrite each other's files; which one wins is chance."""
    assert len(set(packages_distributions()["cv2"])) == 1
