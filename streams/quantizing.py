"""Reads pictures from disk and makes INT8 builds of models from what is on them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from processors.decoding.decoders import each_page
from processors.decoding.formats import every_decoder
from processors.engines.base import GpuOptions, Precision
from processors.engines.choose import open_engine
from processors.errors import DocumentError, ModelError
from processors.models.catalog import Model
from processors.models.quantize import Quantized, quantize, require_quantizer
from processors.models.registry import DEFAULTS, Registry
from processors.models.samples import collect_samples
from processors.values import EncodedDocument, PageArray

_PAGE_PIXELS_MAX = 100_000_000


def quantize_from_pictures(
    registry: Registry, models: Sequence[Model], pictures: Sequence[Path], folder: Path
) -> Iterator[Quantized]:
    """Make an INT8 build of each model, in a folder of its name.

    Args:
        registry: Where the unquantised models are.
        models: Which ones.
        pictures: Files; equal ones give equal builds.
        folder: Gets a folder for each model.

    Raises:
        ModelError: a picture cannot be read, or shows no text; a model or the quantiser is
            missing; a folder cannot be written to.
    """
    require_quantizer()
    engine = open_engine("openvino", "cpu", Precision.FP32, GpuOptions())
    detector = registry.find(registry.model(DEFAULTS["detect"], "detect"), engine.kinds)
    finds_lines = engine.detector(detector.path)
    for model in models:
        source = registry.find(model, engine.kinds)
        pages = (page for path in pictures for page in _pages(path))
        samples = collect_samples(pages, finds_lines, model)
        yield quantize(source, samples, folder / model.name)


def _pages(path: Path) -> Iterator[PageArray]:
    try:
        document = EncodedDocument(path.read_bytes())
        with every_decoder(_PAGE_PIXELS_MAX).open(document, all_frames=False) as opened:
            for page in each_page(opened):
                yield page.decode().pixels
    except (OSError, DocumentError) as err:
        raise ModelError(f"{path} cannot be read: {err}") from err
