"""faster-paddle: Rust and ONNX Runtime, lines of several pages side by side."""

import argparse

from faster_paddle import OcrEngine, __runtime_build__, __version__

from tests.benchmarks.peers.protocol import serve


def main() -> None:
    """Open its `small` models and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--side", type=int, help="longer side at detection; default: its own")
    arguments = parser.parse_args()
    limits = {"det_max_side": arguments.side, "det_min_side": 0} if arguments.side else {}
    engine = OcrEngine(model_size="small", **limits)

    def read_many(pictures: list[bytes]) -> list[str]:
        if len(pictures) == 1:
            return [engine.ocr(pictures[0])["text"]]
        return [page["text"] for page in engine.ocr_batch(pictures)]

    serve(
        read_many,
        {"version": __version__, "runtime": __runtime_build__[:60], "config": str(engine.config)},
    )


if __name__ == "__main__":
    main()
