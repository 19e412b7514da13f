"""What a reader is built from; apart from it, so that settings need none of what reads."""

from dataclasses import dataclass, field
from pathlib import Path

from processors.decoding.limits import SandboxLimits
from processors.engines.base import GpuOptions, Precision


@dataclass(frozen=True, slots=True)
class ReaderOptions:
    """What a reader is built from.

    Attributes:
        engine: `auto` or the name of an engine.
        device: `auto`, `cpu` or `gpu:N`.
        precision: What to compute in.
        gpu: How a GPU is used.
        detection_model: Name of the model that finds lines; None: the default one.
        recognition_model: Name of the one that reads what no other language is asked for.
        models_folder: Local models, which win over installed packages.
        decoding: What decoding a document may take.
        pages_max: Pages that are read of a document; a longer one is refused.
        pixels_max: Pixels of all pages that are in memory at once; a larger page runs alone.
    """

    engine: str = "auto"
    device: str = "auto"
    precision: Precision = Precision.AUTO
    gpu: GpuOptions = field(default_factory=GpuOptions)
    detection_model: str | None = None
    recognition_model: str | None = None
    models_folder: Path | None = None
    decoding: SandboxLimits = field(default_factory=SandboxLimits)
    pages_max: int = 5_000
    pixels_max: int = 100_000_000
