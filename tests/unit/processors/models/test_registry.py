"""Finding models, and making sure that they are what they claim to be."""

import hashlib
import json
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from processors.errors import ModelError, UnsupportedLanguage
from processors.models.catalog import Build, Format, Kind, Model, Weights
from processors.models.registry import (
    DEFAULTS,
    Registry,
    candidate_recognizers,
    choose_recognizers,
)
from tests.unit.processors.models.test_dictionary import write_onnx

CONTENT = b"weights"
ONNX: Kind = (Format.ONNX, Weights.FLOAT)
INT8: Kind = (Format.OPENVINO, Weights.INT8)
PADDLE: Kind = (Format.PADDLE, Weights.FLOAT)

RUSSIAN = Model("russian", "recognize", "none", ("ru", "sr", "en"), scripts=("Cyrl",))
LATIN = Model("latin", "recognize", "none", ("en", "de", "fr", "uz"))


def sha256(content: bytes) -> str:
    """As the catalogue spells it."""
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    """A model that an installed package ships, quantised and not."""
    package = tmp_path / "shipped_weights"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "lines.onnx").write_bytes(CONTENT)
    (package / "int8.xml").write_bytes(b"small")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "shipped_weights", raising=False)
    onnx = Build(Format.ONNX, {"lines.onnx": sha256(CONTENT)}, package="shipped_weights")
    int8 = Build(
        Format.OPENVINO, {"int8.xml": sha256(b"small")}, Weights.INT8, package="shipped_weights"
    )
    return Model("lines", "detect", "Apache-2.0", builds=(onnx, int8))


def test_registry_finds_and_verifies_shipped_model(model: Model) -> None:
    """A model in an installed package has the catalogue's hash."""
    found = Registry().find(model, [ONNX])
    assert found.path.read_bytes() == CONTENT
    assert (found.sha256, found.kind) == (sha256(CONTENT), ONNX)


def test_registry_verifies_every_installed_model_of_its_catalogue() -> None:
    """What installed packages ship is unaltered, the defaults too; recognisers can spell."""
    registry = Registry()
    found = set()
    for model in registry.models.values():
        for build in model.builds:
            if build.package and find_spec(build.package.split(".")[0]):
                kind = (build.format, build.weights)
                installed = registry.find(model, [kind])
                found.add(model.name)
                if model.stage == "recognize":
                    assert len(installed.characters) > 6000
                    assert installed.characters[0] == ""
                    assert installed.characters[-1] == " "
    assert found >= {*DEFAULTS.values(), "PP-OCRv5_mobile_rec"}


def test_catalogue_tells_where_everything_comes_from() -> None:
    """A licence for each model, a source and hashes for each build, languages for recognisers."""
    for model in Registry().models.values():
        assert model.licence == "Apache-2.0"
        assert model.builds
        for build in model.builds:
            assert bool(build.package) != bool(build.hub)
            assert all(len(digest) == 64 for digest in build.files.values())
            assert build.hub is None or build.hub.startswith("https://")


def test_registry_refuses_altered_model(model: Model) -> None:
    """Another file under the model's name would read otherwise and nobody would know."""
    path = Registry().find(model, [ONNX]).path
    path.write_bytes(CONTENT + b"!")
    with pytest.raises(ModelError, match="install shipped-weights again") as caught:
        Registry().find(model, [ONNX])
    assert str(path) in str(caught.value)


def test_registry_refuses_missing_file(model: Model) -> None:
    """A package without its file is broken."""
    broken = replace(model, builds=(replace(model.builds[0], files={"other.onnx": "0"}),))
    with pytest.raises(ModelError, match=r"other\.onnx is missing"):
        Registry().find(broken, [ONNX])


def test_registry_says_how_to_get_what_is_missing(model: Model) -> None:
    """A package to install, a hub to fetch from, or an INT8 build to make."""
    onnx = model.builds[0]
    elsewhere = (
        replace(onnx, package="no_such_weights"),
        replace(onnx, package=None, hub="https://h"),
    )
    with pytest.raises(
        ModelError,
        match="install the package no-such-weights, or fetch it: ocrstream models fetch lines",
    ):
        Registry().find(replace(model, builds=elsewhere), [ONNX])
    with pytest.raises(
        ModelError, match="make it: ocrstream models quantize --model lines PICTURE"
    ):
        Registry().find(replace(model, builds=elsewhere), [INT8])
    with pytest.raises(ModelError, match=r"not here as paddle \(float\); no build of it is known"):
        Registry().find(model, [PADDLE])


def test_registry_takes_int8_only_where_it_loses_nothing(model: Model) -> None:
    """Or where the engine is to take nothing else."""
    assert Registry().find(model, [INT8, ONNX]).kind == ONNX
    assert Registry().find(model, [INT8]).kind == INT8
    onnx, int8 = model.builds
    measured = replace(model, builds=(onnx, replace(int8, lossless=True)))
    assert Registry().find(measured, [INT8, ONNX]).kind == INT8


def test_registry_prefers_local_file(model: Model, tmp_path: Path) -> None:
    """A fine-tuned model lies in the folder under the same name, and has a hash of its own."""
    folder = tmp_path / "models"
    folder.mkdir()
    tuned = folder / "lines.onnx"
    tuned.write_bytes(b"tuned")
    found = Registry(folder).find(model, [ONNX])
    assert (found.path, found.sha256) == (tuned, sha256(b"tuned"))


def test_registry_takes_no_other_weights_than_the_local_ones(model: Model, tmp_path: Path) -> None:
    """An INT8 build of the shipped model is none of the fine-tuned one."""
    folder = tmp_path / "models" / "lines"
    folder.mkdir(parents=True)
    (folder / "inference.onnx").write_bytes(b"tuned")
    with pytest.raises(ModelError, match="models quantize"):
        Registry(folder.parent).find(model, [INT8])
    (folder / "int8.xml").write_bytes(b"tuned and small")
    (folder / "int8.bin").write_bytes(b"weights")
    found = Registry(folder.parent).find(model, [INT8])
    assert [path.name for path in found.files] == ["int8.xml", "int8.bin"]


def test_local_int8_build_hides_nothing(model: Model, tmp_path: Path) -> None:
    """It is another form of the shipped model: without it being asked for, that one is read."""
    folder = tmp_path / "models" / "lines"
    folder.mkdir(parents=True)
    (folder / "int8.xml").write_bytes(b"made here")
    registry = Registry(folder.parent)
    assert registry.find(model, [INT8, ONNX]).kind == ONNX
    assert registry.find(model, [ONNX]).sha256 == sha256(CONTENT)
    assert registry.find(model, [INT8]).path == folder / "int8.xml"


def test_fetched_model_hides_nothing(model: Model, tmp_path: Path) -> None:
    """Where the local files are the catalogue's own, its other builds are of the same model."""
    folder = tmp_path / "models" / "lines"
    folder.mkdir(parents=True)
    (folder / "inference.onnx").write_bytes(CONTENT)
    found = Registry(folder.parent).find(model, [ONNX])
    assert (found.path, found.is_known) == (folder / "inference.onnx", True)
    assert Registry(folder.parent).find(model, [INT8]).sha256 == sha256(b"small")


@pytest.fixture
def reader(tmp_path: Path) -> Model:
    """A recogniser in the local folder, in ONNX and in Paddle's format, as the catalogue has it."""
    folder = tmp_path / "models" / "reader"
    folder.mkdir(parents=True)
    write_onnx(folder / "inference.onnx", {"character": "a\nb"})
    (folder / "inference.json").write_bytes(b"{}")
    (folder / "inference.pdiparams").write_bytes(b"weights")
    (folder / "inference.yml").write_text("PostProcess: {character_dict: [a, b]}\n")
    builds = [
        Build(kind, {name: sha256((folder / name).read_bytes()) for name in names}, hub="https://h")
        for kind, names in (
            (Format.ONNX, ["inference.onnx"]),
            (Format.PADDLE, ["inference.json", "inference.pdiparams", "inference.yml"]),
        )
    ]
    return Model("reader", "recognize", "MIT", ("en",), tuple(builds))


def test_builds_in_one_folder_do_not_alter_each_other(reader: Model, tmp_path: Path) -> None:
    """What `fetch` and `quantize` put beside a build is none of its files."""
    folder = tmp_path / "models" / "reader"
    (folder / "int8.xml").write_bytes(b"small")
    (folder / "int8.bin").write_bytes(b"small weights")
    for name in ("int8.characters.txt", "characters.txt", "my_keys.txt"):
        (folder / name).write_text("x\ny\n", encoding="utf-8")
    registry = Registry(folder.parent)
    for kind, build in zip((ONNX, PADDLE), reader.builds, strict=True):
        found = registry.find(reader, [kind])
        assert [path.name for path in found.files] == list(build.files)
        assert (found.is_known, found.sha256) == (True, build.sha256)
        assert found.characters == ("", "a", "b", " ")
    int8 = registry.find(reader, [INT8])
    assert [path.name for path in int8.files] == ["int8.xml", "int8.bin", "int8.characters.txt"]
    assert (int8.is_known, int8.characters) == (False, ("", "x", "y", " "))


def test_dictionary_beside_is_read_where_a_build_has_none(reader: Model, tmp_path: Path) -> None:
    """A text file before inference.yml; a folder of such a name is no dictionary."""
    folder = tmp_path / "models" / "reader"
    write_onnx(folder / "inference.onnx", {})
    (folder / "a_keys.txt").mkdir()
    found = Registry(folder.parent).find(reader, [ONNX])
    assert [path.name for path in found.files] == ["inference.onnx", "inference.yml"]
    (folder / "b_keys.txt").write_text("c\n")
    found = Registry(folder.parent).find(reader, [ONNX])
    assert [path.name for path in found.files] == ["inference.onnx", "b_keys.txt"]


def test_int8_build_of_other_weights_is_refused(model: Model, tmp_path: Path) -> None:
    """It would read with weights that were replaced since; the message says what to do."""
    folder = tmp_path / "models" / "lines"
    folder.mkdir(parents=True)
    (folder / "int8.xml").write_bytes(b"made here")
    provenance = folder / "provenance.json"
    provenance.write_text(json.dumps({"sha256": sha256(CONTENT)}))
    assert Registry(folder.parent).find(model, [INT8]).path == folder / "int8.xml"
    (folder / "inference.onnx").write_bytes(b"tuned")
    registry = Registry(folder.parent)
    assert registry.is_here(model, [INT8])
    with pytest.raises(ModelError, match=r"other weights.*models quantize --model lines PICTURE"):
        registry.find(model, [INT8])
    provenance.write_text(json.dumps({"sha256": sha256(b"tuned")}))
    assert Registry(folder.parent).find(model, [INT8]).path == folder / "int8.xml"


def test_int8_build_without_floats_needs_none(model: Model, tmp_path: Path) -> None:
    """There is nothing to compare it with."""
    folder = tmp_path / "models" / "lines"
    folder.mkdir(parents=True)
    (folder / "int8.xml").write_bytes(b"made elsewhere")
    (folder / "provenance.json").write_text(json.dumps({"sha256": "0" * 64}))
    nowhere = replace(model, builds=())
    assert Registry(folder.parent).find(nowhere, [INT8]).path == folder / "int8.xml"


@pytest.mark.parametrize("content", ["{", "[]", "{}", "[" * 100_000, None])
def test_damaged_provenance_is_refused(content: str | None, model: Model, tmp_path: Path) -> None:
    """A file that is there and says nothing is a mistake; None: a folder."""
    folder = tmp_path / "models" / "lines"
    folder.mkdir(parents=True)
    (folder / "int8.xml").write_bytes(b"made here")
    if content is None:
        (folder / "provenance.json").mkdir()
    else:
        (folder / "provenance.json").write_text(content)
    with pytest.raises(ModelError, match=r"provenance\.json does not say.*remove the file"):
        Registry(folder.parent).find(model, [INT8])


def test_registry_names_what_is_no_model(model: Model, tmp_path: Path) -> None:
    """Folders and ONNX files of unknown names; not what is half fetched, nor what is described."""
    folder = tmp_path / "models"
    for name in ("PP-OCRv6_smal_rec", ".PP-OCRv6_small_rec-x", "own", "PP-OCRv6_small_det"):
        (folder / name).mkdir(parents=True)
    (folder / "own" / "model.toml").write_text('stage = "detect"\nlicence = "x"')
    for name in ("PP-OCRv6_small_rec.onnx", "tuned.onnx", "notes.txt"):
        (folder / name).touch()
    assert Registry(folder).strays() == ["PP-OCRv6_smal_rec", "tuned"]
    assert Registry(folder / "notes.txt").strays() == []
    assert Registry().strays() == []


def test_registry_looks_beyond_local_folder(model: Model, tmp_path: Path) -> None:
    """A folder need not hold every model, nor be there."""
    assert Registry(tmp_path / "nowhere").find(model, [ONNX]).sha256 == sha256(CONTENT)


def test_registry_takes_new_model_that_describes_itself(tmp_path: Path) -> None:
    """A recogniser is data: weights, a dictionary and `model.toml`."""
    folder = tmp_path / "klingon_rec"
    folder.mkdir()
    (folder / "model.toml").write_text(
        'stage = "recognize"\nlicence = "MIT"\nlanguages = ["tlh"]\n', encoding="utf-8"
    )
    (folder / "inference.json").write_bytes(b"{}")
    (folder / "inference.pdiparams").write_bytes(b"weights")
    (folder / "inference.yml").write_text(
        "PostProcess: {name: CTCLabelDecode, character_dict: [a, 'b', '1']}\n", encoding="utf-8"
    )
    registry = Registry(tmp_path)
    default = registry.model(DEFAULTS["recognize"], "recognize")
    here = registry.recognizers(default, [PADDLE])
    assert here[0] == default
    found = registry.find(choose_recognizers(here, ("tlh",))[0], [PADDLE])
    assert found.characters == ("", "a", "b", "1", " ")
    assert not found.is_known


@pytest.mark.parametrize(
    "manifest",
    [
        'stage = "recognize"\nlicence = "MIT"',
        'stage = "recognize"\nlicence = "MIT"\nlanguages = "en"',
        'stage = "recognize"\nlicence = "MIT"\nlanguages = ["en"]\nsqueeze = 0',
        'stage = "recognize"\nlicence = "MIT"\nlanguages = ["en"]\nsqueeze = 1.5',
        'stage = "recognize"\nlicence = "MIT"\nlanguages = ["en"]\nsqueeze = "narrow"',
        'stage = "recognize"\nlicence = "MIT"\nlanguages = ["en"]\nsqueeze = true',
        'stage = "recognize"\nlicence = "MIT"\nlanguages = ["en"]\nsqueze = 0.9',
        'stage = "recognize"\nlicence = "MIT"\nlanguage = ["en"]',
        'stage = "recognize"\nlicence = "MIT"\nlanguages = ["english"]',
        'stage = "recognize"\nlicence = "MIT"\nlanguages = ["pt-BR"]',
        'stage = "recognize"\nlicence = "MIT"\nlanguages = [1]',
        'stage = "recognize"\nlicence = "MIT"\nlanguages = ["en"]\nscripts = ["Latin"]',
        'stage = "recognize"\nlicence = "MIT"\nlanguages = ["en"]\nscripts = "Latn"',
        'stage = "detect"\nlicence = 1',
        'stage = "detect"',
        'licence = "x"',
        'stage = ["detect"]\nlicence = "x"',
        'stage = "dream"\nlicence = "x"',
        "{",
        f"stage = {'[' * 5000}",
    ],
)
def test_registry_refuses_wrong_description(manifest: str, tmp_path: Path) -> None:
    """The message names the file and what it needs."""
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "model.toml").write_text(manifest, encoding="utf-8")
    with pytest.raises(ModelError, match=r"model\.toml does not describe a model.*it needs stage"):
        Registry(tmp_path)


def test_description_is_spelled_as_the_catalogue_does(tmp_path: Path) -> None:
    """Else no event's language would ever match."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "model.toml").write_text(
        'stage = "recognize"\nlicence = "MIT"\nlanguages = ["EN", "nb", "no", "SR_latn"]\n'
        'scripts = ["LATN", "cyrl"]\n'
    )
    model = Registry(tmp_path).models["own"]
    assert model.languages == ("en", "no", "sr-Latn")
    assert model.scripts == ("Latn", "Cyrl")


def test_description_says_nothing_about_sources(tmp_path: Path) -> None:
    """A folder from elsewhere is not to name packages to import or files to fetch."""
    folder = tmp_path / "strange"
    folder.mkdir()
    build = '[[builds]]\nformat = "onnx"\nhub = "https://h"\n[builds.files]\n"../../x" = "0"\n'
    (folder / "model.toml").write_text(f'stage = "detect"\nlicence = "x"\n{build}')
    assert Registry(tmp_path).models["strange"].builds == ()


def test_registry_refuses_unknown_name() -> None:
    """Also that of a model of another stage; the message names those that are known."""
    with pytest.raises(ModelError, match="known are PP-OCRv6_small_det"):
        Registry().model("PP-OCRv6_small_rec", "detect")


@pytest.mark.parametrize(
    ("languages", "chosen"),
    [
        ((), LATIN),
        (("en",), LATIN),
        (("de", "fr-CA"), LATIN),
        (("ru",), RUSSIAN),
        (("RU_by", "en"), RUSSIAN),
        (("sr-Cyrl",), RUSSIAN),
        (("uz-Latn-UZ",), LATIN),
        (("en-x-cyrl", "de-1996-x-priv"), LATIN),
    ],
)
def test_language_picks_recognizer(languages: tuple[str, ...], chosen: Model) -> None:
    """The first that reads them all; a script counts, a region does not."""
    assert choose_recognizers([LATIN, RUSSIAN], languages) == [chosen]


def test_languages_pick_several_recognizers() -> None:
    """Where none reads them all, as few as do together."""
    assert choose_recognizers([LATIN, RUSSIAN], ("de", "ru")) == [LATIN, RUSSIAN]
    greek = replace(RUSSIAN, name="greek", languages=("el", "en", "ru"))
    assert choose_recognizers([LATIN, RUSSIAN, greek], ("de", "ru", "el")) == [greek, LATIN]


def test_candidates_each_read_something_more() -> None:
    """A model that reads nothing but what another one does need not be tried."""
    english = replace(LATIN, name="english", languages=("en",))
    assert candidate_recognizers([LATIN, english, RUSSIAN]) == [LATIN, RUSSIAN]


@pytest.mark.parametrize(
    ("languages", "fault"),
    [
        (("en", "ar"), "'ar'; readable are en, de, fr, uz, ru"),
        (("uz-Cyrl",), "'uz-Cyrl'"),
        (("sr-Latn",), "'sr-Latn'"),
    ],
)
def test_language_that_nobody_reads_is_refused(languages: tuple[str, ...], fault: str) -> None:
    """Never silently another one; the message says what could be read."""
    with pytest.raises(UnsupportedLanguage, match=fault):
        choose_recognizers([LATIN, RUSSIAN], languages)


@pytest.mark.parametrize(
    "languages",
    [
        (),
        ("en",),
        ("zh-Hant", "ja"),
        ("pt_BR", "EN"),
        ("sr-Latn", "sr_latn_RS"),
        ("nb", "nn-NO"),
        ("fil", "cmn-Hans"),
        ("en-x-priv",),
    ],
)
def test_default_recognizer_reads_chinese_japanese_and_latin(languages: tuple[str, ...]) -> None:
    """Those that PaddleOCR names for PP-OCRv6, also by the other codes that they have."""
    default = Registry().model(DEFAULTS["recognize"], "recognize")
    assert choose_recognizers([default], languages) == [default]


@pytest.mark.parametrize("language", ["sr", "sr-Cyrl", "ru", "x", "no-Cyrl"])
def test_default_recognizer_does_not_guess(language: str) -> None:
    """Serbian is written in Cyrillic, if nothing is said; that takes another model."""
    default = Registry().model(DEFAULTS["recognize"], "recognize")
    with pytest.raises(UnsupportedLanguage, match=f"reads the language '{language}'"):
        choose_recognizers([default], (language,))
