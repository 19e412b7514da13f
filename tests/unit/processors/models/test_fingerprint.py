"""The fingerprint of a pipeline covers what its models are said to read, and how."""

from pathlib import Path

from processors.models.catalog import Format, Weights
from processors.models.registry import DEFAULTS, Registry
from processors.reader import open_reader
from processors.reader_options import ReaderOptions


def test_fingerprint_tells_how_recognizers_read(tmp_path: Path) -> None:
    """Languages and scripts decide which one reads a document, squeezing what it sees.

    What changes text changes it, or results of other settings would be found in the cache.
    """
    registry = Registry()
    kinds = [(Format.ONNX, Weights.FLOAT)]
    weights = registry.find(registry.model(DEFAULTS["recognize"], "recognize"), kinds).path
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "inference.onnx").symlink_to(weights)
    seen = set()
    for reads in (
        'languages = ["tlh"]\nsqueeze = 1.0',
        'languages = ["tlh"]\nsqueeze = 0.9',
        'languages = ["tlh", "ru"]',
        'languages = ["tlh"]\nscripts = ["Cyrl"]',
    ):
        manifest = f'stage = "recognize"\nlicence = "x"\n{reads}\n'
        (folder / "model.toml").write_text(manifest, encoding="utf-8")
        with open_reader(ReaderOptions(models_folder=tmp_path)) as reader:
            seen.add(reader.info.fingerprint)
    assert len(seen) == 4
