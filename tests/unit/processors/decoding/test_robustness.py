"""Broken, hostile and odd files: each is decoded or refused, and the next one is read.

The files of `robustness` are not part of the project; see `tests.labelled`. Damaged copies are made
from a seed; OCRSTREAM_TEST_FUZZ says how many, OCRSTREAM_TEST_FUZZ_SEED from which one.
"""

import os
import random
from collections import Counter
from collections.abc import Iterator

import orjson
import pytest
from PIL import Image, ImageDraw

from processors.decoding.limits import SandboxLimits
from processors.decoding.sandbox import Sandbox
from processors.errors import DecoderFailed, DocumentError
from processors.values import EncodedDocument
from tests.labelled import DATA
from tests.unit.processors.decoding.test_documents import minimal_pdf
from tests.unit.processors.pictures import encode

FILES = DATA / "robustness"
COPIES = int(os.environ.get("OCRSTREAM_TEST_FUZZ", "400"))
SEED = int(os.environ.get("OCRSTREAM_TEST_FUZZ_SEED", "1"))
PAGES_MAX = 20

FORMATS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("JPEG", "RGB", {"progressive": True}),
    ("JPEG", "CMYK", {}),
    ("PNG", "P", {}),
    ("PNG", "RGBA", {}),
    ("TIFF", "1", {"compression": "group4"}),
    ("TIFF", "RGB", {"compression": "tiff_lzw"}),
    ("TIFF", "RGB", {"compression": "jpeg"}),
    ("GIF", "P", {}),
    ("WEBP", "RGB", {}),
    ("BMP", "RGB", {}),
    ("AVIF", "RGB", {}),
    ("JPEG2000", "RGB", {}),
    ("PDF", "RGB", {}),
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """With one process, as each document is looked at alone."""
    limits = SandboxLimits(cpu_s_max=20, wall_s_max=30)
    opened = Sandbox(limits, 1)
    yield opened
    opened.close()


def outcome(sandbox: Sandbox, data: bytes) -> str:
    """`pages`, or the name of what is wrong."""
    document = EncodedDocument(data)
    try:
        sandbox.media_type(document)
        with sandbox.open(document, all_frames=True) as opened:
            for number in range(1, PAGES_MAX + 1):
                page = opened.page(number)
                if page is None:
                    break
                assert page.decode().pixels.shape[2] == 3
    except (DocumentError, DecoderFailed) as error:
        return type(error).__name__
    return "pages"


@pytest.mark.skipif(not FILES.is_dir(), reason=f"{FILES} is absent: odd files NOT tested")
def test_every_odd_file_is_decoded_or_refused(sandbox: Sandbox) -> None:
    """What Pillow and PDFium open is decoded, and no file breaks a process."""
    rows = [orjson.loads(line) for line in (FILES / "index.jsonl").open("rb")]
    outcomes = {row["file"]: outcome(sandbox, (FILES / row["file"]).read_bytes()) for row in rows}
    failed = {
        file for file, found in outcomes.items() if found in ("DecoderFailed", "DecodeTimeout")
    }
    assert not failed
    heic = [found for file, found in outcomes.items() if file.endswith(".heic")]
    assert heic.count("pages") >= 3
    assert sum(found == "pages" for found in outcomes.values()) >= 100


def test_damaged_copies_are_decoded_or_refused(sandbox: Sandbox) -> None:
    """Bytes altered, cut out, doubled and cut off, in every format."""
    chance = random.Random(SEED)
    picture = Image.new("RGB", (120, 60), "white")
    ImageDraw.Draw(picture).text((10, 20), "TOTAL 12.00", fill="black")
    whole = [encode(picture.convert(mode), name, **how).data for name, mode, how in FORMATS]
    whole.append(minimal_pdf("BT /F 12 Tf 10 30 Td (Total) Tj ET").data)
    assert [outcome(sandbox, data) for data in whole] == ["pages"] * len(whole)
    outcomes = Counter(
        outcome(sandbox, damage(chance.choice(whole), chance)) for _ in range(COPIES)
    )
    assert outcomes["pages"] > 0
    assert outcomes["CorruptDocument"] > 0
    assert [outcome(sandbox, data) for data in whole] == ["pages"] * len(whole)


def damage(data: bytes, chance: random.Random) -> bytes:
    """A damaged copy."""
    copy = bytearray(data)
    for _ in range(chance.choice((1, 2, 8, 40))):
        place = chance.randrange(len(copy))
        what = chance.randrange(5)
        if what == 0:
            copy[place] ^= 1 << chance.randrange(8)
        elif what == 1:
            copy[place] = chance.choice((0, 0x7F, 0x80, 0xFF))
        elif what == 2:
            copy[place : place + 4] = chance.choice((b"\0\0\0\0", b"\xff\xff\xff\x7f"))
        elif what == 3:
            copy[place:place] = copy[place : place + chance.randrange(1, 64)]
        elif len(copy) > 64:
            del copy[place : place + chance.randrange(1, 16)]
    return bytes(copy[: chance.randrange(1, len(copy))] if chance.random() < 0.2 else copy)
