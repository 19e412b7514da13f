"""`ocrstream models`: which models there are, and whether they are unaltered."""

import sys

import typer

from processors.errors import ModelError
from processors.models.registry import Registry
from streams.cli.console import console, say
from streams.settings import Settings

app = typer.Typer(help="The models that read.", no_args_is_help=True)


@app.command("list")
def list_models() -> None:
    """Show every known model and where it is."""
    registry = _registry()
    for model in registry.models.values():
        try:
            place = str(registry.find(model).path)
        except ModelError as error:
            place = f"missing: {error}"
        lines = [model.name, f"stage {model.stage}, licence {model.licence}", place]
        if model.languages:
            lines.append(f"reads {' '.join(model.languages)}")
        console.print("\n  ".join(lines), markup=False, highlight=False, soft_wrap=True)


@app.command("verify")
def verify_models() -> None:
    """Compare every installed model with its checksum; exit code 1 if one is missing or altered."""
    registry = _registry()
    failed = False
    for model in registry.models.values():
        try:
            found = registry.find(model)
        except ModelError as error:
            failed = True
            say(f"{model.name}: {error}")
        else:
            console.print(f"{model.name}: good, sha256 {found.sha256}", soft_wrap=True)
    if failed:
        sys.exit(1)


def _registry() -> Registry:
    return Registry(Settings.from_environment().data_dir / "models")
