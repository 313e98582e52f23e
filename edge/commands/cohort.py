"""`lifecert cohort`: references of a programme, embedded here and sealed for the centre that calibrates with them."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import click

from edge.cohort import MadeCohort, Member, Purpose, make_cohort
from edge.commands.console import Exit, faults, json_option, mirror_option, print_json, tell_progress
from edge.engine import open_eyes
from edge.evaluate.tables import Row, file_inside, read_table
from edge.flow import MatcherIdentity
from models.matcher import DEFAULT_MATCHER
from models.store import store_from_environment
from wire.cohort import LONGEST_GROUP, LONGEST_PERSON, LONGEST_SEX, OLDEST
from wire.reference import ReferenceClass
from wire.sealing import SealingKey, read_sealing_key

_LARGEST_KEY_BYTES = 16 * 1024


@click.group(name="cohort")
def group() -> None:
    """Embed the references of a programme for calibration. No picture leaves this machine.

    \b
    Example:
      lifecert cohort make references.csv --images photos --to centre.pem --out 2027.lcc --programme "city pensions"
    """


@group.command
@click.argument("members", type=click.Path(path_type=Path), metavar="LIST.csv")
@click.option("--images", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder of the photos.")
@click.option(
    "--to",
    "key",
    required=True,
    type=click.Path(path_type=Path),
    metavar="KEY.pem",
    help="Public key of the centre, from `lifecert-centre cohort key`.",
)
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE", help="Where the sealed cohort goes.")
@click.option("--programme", required=True, help="Whose references these are, at most 64 characters.")
@click.option(
    "--reference-class",
    type=click.Choice([each.value for each in ReferenceClass]),
    default=ReferenceClass.DOCUMENT.value,
    show_default=True,
    help="Photos of documents, or pictures taken on a unit under supervision.",
)
@click.option("--matcher", default=DEFAULT_MATCHER, show_default=True, help="Matcher that will use the threshold.")
@mirror_option
@json_option
def make(
    members: Path,
    images: Path,
    key: Path,
    out: Path,
    programme: str,
    reference_class: str,
    matcher: str,
    mirror: Path | None,
    as_json: bool,
) -> None:
    """Write a sealed cohort: columns file and person (a pseudonym), and age, sex, group where they are known.

    A photo that no visit could use is left out and named. Ends with 1, and writes nothing, when no photo can be used.

    \b
    Examples:
      lifecert cohort make references.csv --images photos --to centre.pem --out 2027.lcc --programme "city pensions"
      lifecert cohort make references.csv --images photos --to centre.pem --out 2027.lcc --programme p --json
    """
    with faults(as_json=as_json):
        listed = [_member(images, row) for row in read_table(members, ("file", "person"))]
        store = store_from_environment(os.environ, mirror)
        purpose = Purpose(programme, ReferenceClass(reference_class), int(time.time()))
        eyes = open_eyes(store, store.matcher(matcher))
        made = make_cohort(listed, eyes, purpose, _key(key), out, tell_progress)
    for each in made.left_out:
        click.echo(f"{each.photo}: left out, {each.why}", err=True)
    if as_json:
        print_json(_document(made, eyes.embedder.identity, out))
    else:
        click.echo(_sentence(made, out))
    sys.exit(Exit.DONE if made.rows else Exit.REFUSED)


def _key(path: Path) -> SealingKey:
    with path.open("rb") as file:
        return read_sealing_key(file.read(_LARGEST_KEY_BYTES))


def _member(images: Path, row: Row) -> Member:
    photo = file_inside(images, row, "file")
    person = _text(row, "person", LONGEST_PERSON)
    if not person:
        raise row.wrong("person", "there is no pseudonym")
    return Member(photo, person, _age(row), _text(row, "sex", LONGEST_SEX), _text(row, "group", LONGEST_GROUP))


def _text(row: Row, column: str, longest: int) -> str:
    """A text as a row of the cohort can hold it; what it says is not repeated."""
    text = row.text(column)
    if len(text) > longest or not text.isprintable():
        raise row.wrong(column, f"it is not at most {longest} printable characters")
    return text


def _age(row: Row) -> int | None:
    age = row.text("age")
    if age and not (age.isascii() and age.isdigit() and len(age) <= 3 and int(age) <= OLDEST):
        raise row.wrong("age", f"it is not a whole number from 0 to {OLDEST}")
    return int(age) if age else None


def _document(made: MadeCohort, identity: MatcherIdentity, out: Path) -> dict[str, object]:
    return {
        "file": str(out) if made.rows else None,
        "references": made.rows,
        "persons": made.persons,
        "matcher": identity.name,
        "model_digest": identity.model_digest.hex(),
        "runtime": identity.runtime,
        "left_out": [{"file": each.photo.name, "why": each.why} for each in made.left_out],
    }


def _sentence(made: MadeCohort, out: Path) -> str:
    if not made.rows:
        return "no photo can be used: nothing was written"
    return f"{made.rows} references of {made.persons} persons sealed in {out}; {len(made.left_out)} left out"
