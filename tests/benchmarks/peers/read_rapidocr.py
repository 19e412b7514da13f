"""RapidOCR on OpenVINO: one picture after another."""

from importlib.metadata import version

from rapidocr import EngineType, RapidOCR

from tests.benchmarks.peers.protocol import serve


def main() -> None:
    """Open its PP-OCRv6 small models and serve."""
    engine = RapidOCR(
        params={
            "Det.engine_type": EngineType.OPENVINO,
            "Cls.engine_type": EngineType.OPENVINO,
            "Rec.engine_type": EngineType.OPENVINO,
            "Global.log_level": "critical",
        }
    )

    def read_many(pictures: list[bytes]) -> list[str]:
        return ["\n".join(engine(picture).txts or ()) for picture in pictures]

    serve(read_many, {"version": version("rapidocr"), "runtime": f"openvino {version('openvino')}"})


if __name__ == "__main__":
    main()
