"""`lifecert prompts`: the sentences of the unit become sound, where a package is built."""

from __future__ import annotations

from pathlib import Path

import click

from edge.commands.console import faults, json_option, print_json, tell_progress
from edge.prompts.catalogue import LANGUAGES, load_catalogue
from edge.sheet import load_sheet
from edge.voice.render import find_voice, render


@click.group
def group() -> None:
    """Render what the unit says."""


@group.command("render")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Folder to write to.")
@click.option(
    "--language",
    "languages",
    type=click.Choice(LANGUAGES),
    multiple=True,
    default=LANGUAGES,
    show_default=True,
    help="A language to render; may be given several times.",
)
@click.option(
    "--sheet", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="The programme's sheet (unit.sheet)."
)
@json_option
def render_command(out: Path, languages: tuple[str, ...], sheet: Path | None, as_json: bool) -> None:
    """Render every sentence that the unit can say as a WAV file, with an index.

    It needs espeak-ng, and for Chinese the package pypinyin (the extra `voice`). The same words of the same voice give the same
    files. The unit plays them from `sound.folder`. Ends with 0 when done, 2 on a fault.

    \b
    Example:
      lifecert prompts render --out build/voice --sheet /etc/lifecert/sheet.toml
    """
    with faults(as_json=as_json):
        catalogues = [load_catalogue(language) for language in languages]
        files = render(catalogues, out, tell_progress, sheet=load_sheet(sheet))
        voices = {language: find_voice(language).name for language in languages}
    if as_json:
        print_json({"folder": str(out), "sentences": len(files), "voices": voices})
    else:
        click.echo(f"{len(files)} sentences in {out}")
