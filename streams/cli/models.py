"""`ocrstream models`: which models there are, whether they are unaltered, and how to get more."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from processors.errors import ModelError, ProcessorError
from processors.models.catalog import Format, Kind, Model, Weights
from processors.models.registry import DEFAULTS, Registry, spell
from streams.cli.console import console, expand_paths, say
from streams.model_hub import fetch_model
from streams.settings import Settings

app = typer.Typer(help="The models that read.", no_args_is_help=True)

_KINDS: tuple[Kind, ...] = (
    (Format.ONNX, Weights.FLOAT),
    (Format.OPENVINO, Weights.INT8),
    (Format.PADDLE, Weights.FLOAT),
)


@app.command("list")
def list_models() -> None:
    """Show every known model, its builds, and where they are or come from.

    Local folders that are no model are named as well.
    """
    registry = Registry(_folder())
    for model in registry.models.values():
        note = ", the default" if model.name in DEFAULTS.values() else ""
        lines = [model.name, f"stage {model.stage}, licence {model.licence}{note}"]
        if model.languages:
            lines.append(f"reads {' '.join(model.languages)}")
        lines += dict.fromkeys(_place(registry, model, kind) for kind in _kinds(model, registry))
        _print("\n  ".join(lines))
    for name in registry.strays():
        _print(
            f"{name}\n  not usable: the catalogue has no model of this name, and there is no "
            f"{_folder() / name / 'model.toml'} that describes it"
        )


@app.command("verify")
def verify_models() -> None:
    """Compare every installed model with the catalogue's checksums, and read its dictionary.

    Exit code 1 if one is altered or cannot be read. A default model that is missing counts as
    well; others need not be there. Local files that the catalogue has no checksum of are called
    unchecked.
    """
    registry = Registry(_folder())
    failed = False
    for model in registry.models.values():
        for kind in _kinds(model, registry):
            if not registry.is_here(model, [kind]) and not _is_default(model, kind):
                continue
            label = f"{model.name}, {spell(kind)}"
            try:
                found = registry.find(model, [kind])
                found.check()
            except ModelError as error:
                failed = True
                say(f"{label}: {error}")
            else:
                verdict = "good" if found.is_known else "unchecked"
                _print(f"{label}: {verdict}, sha256 {found.sha256} ({found.path})")
    if failed:
        sys.exit(1)


@app.command("fetch")
def fetch(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="As `models list` has it.")],
    file_format: Annotated[
        Format, typer.Option("--format", help="onnx, or paddle for the engine paddle.")
    ] = Format.ONNX,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that are not the catalogue's.")
    ] = False,
) -> None:
    """Fetch models from the hub into DATA_DIR/models, and check them."""
    folder = _folder()
    registry = Registry(folder)
    failed = False
    for name in names:
        try:
            fetched = fetch_model(_known(registry, name), file_format, folder, force)
        except ModelError as error:
            failed = True
            say(f"{name}: {error}")
        else:
            note = "" if fetched.is_new else "there already, "
            _print(f"{name}: {note}{fetched.folder}")
    if failed:
        sys.exit(1)


@app.command("quantize")
def quantize_models(
    pictures: Annotated[
        list[Path],
        typer.Argument(
            metavar="PICTURE...", help="Pictures of what is to be read, or folders of pictures."
        ),
    ],
    name: Annotated[
        list[str] | None, typer.Option("--model", help="Which; default: the default ones.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Default: DATA_DIR/models.")] = None,
) -> None:
    """Make INT8 builds of models; the ranges of their values are taken from the pictures."""
    from streams.quantizing import quantize_from_pictures  # noqa: PLC0415 - needs the engine

    registry = Registry(_folder())
    files = expand_paths(pictures)
    try:
        chosen = [_known(registry, one) for one in name or DEFAULTS.values()]
        for made in quantize_from_pictures(registry, chosen, files, out or _folder()):
            _print(f"{made.folder}: from {made.sample_count} samples")
    except ProcessorError as error:
        say(str(error))
        sys.exit(1)


def _print(text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _folder() -> Path:
    return Settings.from_environment().data_dir / "models"


def _known(registry: Registry, name: str) -> Model:
    if name not in registry.models:
        raise ModelError(f"there is no model {name!r}; known are {', '.join(registry.models)}")
    return registry.models[name]


def _kinds(model: Model, registry: Registry) -> list[Kind]:
    """The kinds of builds that are known of a model, or lie in the local folder."""
    known = {(build.format, build.weights) for build in model.builds}
    return [kind for kind in _KINDS if kind in known or registry.is_here(model, [kind])]


def _is_default(model: Model, kind: Kind) -> bool:
    return model.name in DEFAULTS.values() and kind == _KINDS[0]


def _place(registry: Registry, model: Model, kind: Kind) -> str:
    try:
        return f"{spell(kind)}: {registry.find(model, [kind]).path}"
    except ModelError as error:
        return f"{spell(kind)}: {error}"
