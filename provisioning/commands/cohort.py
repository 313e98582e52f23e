"""Cohorts: the key they are sealed to, and the sealed files that are kept here."""

from __future__ import annotations

from pathlib import Path

import click

from provisioning.centre import open_centre
from provisioning.clock import written
from provisioning.cohorts.models import KeptCohort
from provisioning.console import Answer, Console, answering, table
from provisioning.files import PUBLIC, write_whole
from wire.sealing import sealing_key_id, sealing_key_pem


@click.group()
def cohort() -> None:
    """References of a programme's people: embedded, without pictures, sealed for this centre only."""


@cohort.command("key", epilog="Example: lifecert-centre cohort key --out cohort-key.pem")
@click.option("--out", type=click.Path(path_type=Path), help="File to write to; without it the key goes to standard output.")
@answering
def cohort_key(console: Console, out: Path | None) -> Answer:
    """Show the public key that cohorts are sealed to. The private key is made when it is first needed and stays here."""
    with open_centre(console.settings()) as centre:
        public = centre.cohort_key.public()
    pem, name = sealing_key_pem(public).decode(), sealing_key_id(public).hex()
    if out is not None:
        write_whole(out.absolute(), pem.encode(), PUBLIC)
    return Answer(pem.rstrip() if out is None else f"key {name} written to {out}", {"key_id": name, "pem": pem})


@cohort.command("import", epilog="Example: lifecert-centre cohort import pensioners.lcc")
@click.argument("file", type=click.Path(path_type=Path))
@answering
def cohort_import(console: Console, file: Path) -> Answer:
    """Check every row of FILE and keep it sealed as it is; only its head and its size become known here."""
    with open_centre(console.settings()) as centre:
        kept = centre.cohort_archive.take_in(file)
    size = f"{kept.size.references} references of {kept.size.persons} persons"
    return Answer(f"{kept.id}: {size}, {kept.head.matcher} under {kept.head.runtime}", _cohort_row(kept))


@cohort.command("list", epilog="Example: lifecert-centre cohort list --json")
@answering
def cohort_list(console: Console) -> Answer:
    """List cohorts, also those whose file is forgotten."""
    with open_centre(console.settings()) as centre:
        rows = [_cohort_row(kept) for kept in centre.cohort_archive.all()]
    shown = ("cohort", "programme", "matcher", "runtime", "reference_class", "references", "persons", "state")
    return Answer(table([{name: row[name] for name in shown} for row in rows]), {"cohorts": rows})


@cohort.command("forget", epilog="Example: lifecert-centre cohort forget cohort-0a1b2c3d4e5f")
@click.argument("cohort_id", metavar="COHORT")
@answering
def cohort_forget(console: Console, cohort_id: str) -> Answer:
    """Remove the file of COHORT for good. What was computed from it stays."""
    with open_centre(console.settings()) as centre:
        centre.cohort_archive.forget(cohort_id)
    return Answer(f"{cohort_id} is forgotten", {"cohort": cohort_id, "state": "forgotten"})


def _cohort_row(kept: KeptCohort) -> dict[str, object]:
    return {
        "cohort": kept.id,
        "programme": kept.head.programme,
        "matcher": kept.head.matcher,
        "model_digest": kept.head.model_digest.hex(),
        "runtime": kept.head.runtime,
        "reference_class": kept.head.reference_class.value,
        "dimension": kept.head.dimension,
        "made_at": written(kept.head.made_at_s),
        "file_sha256": kept.file_sha256.hex(),
        "references": kept.size.references,
        "persons": kept.size.persons,
        "imported_at": written(kept.imported_at_s),
        "state": "here" if kept.forgotten_at_s is None else "forgotten",
    }
