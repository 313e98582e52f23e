"""`lifecert pad` and `lifecert evaluate pad`: their documents, their exit codes, and what they say of wrong use."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from edge.commands.evaluate import group as evaluate
from edge.commands.pad import group as pad
from edge.commands.simulated_pad import Order, _document, _print
from edge.evaluate.simulated.report import SimulatedReport, weigh_outcomes
from edge.flow import CueKind, Standing
from firmware.twin.physics.lights import Place
from firmware.twin.physics.species import ATTACKS, Species
from tests.edge.evaluate.outcomes import outcome
from tests.edge.evaluate.sets import write_files, write_list
from tests.fakes.noise import picture

RATE = {"value", "errors", "of", "low", "high"}


def run(command: click.Command, *words: object) -> Result:
    """A command on a machine that knows of no mirror and no settings."""
    unknown = {"LIFECERT_MIRROR": "", "LIFECERT_CONFIG": ""}
    return CliRunner().invoke(command, [str(word) for word in words], env=unknown)


def fault(result: Result) -> dict[str, str]:
    """The error of a command that failed with one document."""
    assert result.exit_code == 2, result.output
    error = json.loads(result.stdout)["error"]
    assert isinstance(error, dict)
    return error


# Help


@pytest.mark.parametrize("words", [("record",), ("report",), ("calibrate",), ("fit",)])
def test_each_command_shows_how_it_is_used(words: tuple[str, ...]) -> None:
    result = run(pad, *words, "--help")

    assert result.exit_code == 0
    assert f"lifecert pad {words[0]} " in result.stdout.partition("Examples:")[2]


def test_the_group_names_its_commands_and_where_to_read_what_is_proven() -> None:
    result = run(pad, "--help")

    assert result.exit_code == 0
    assert "docs/pad.md" in result.stdout
    assert [
        name for name in ("record", "report", "calibrate", "fit") if name not in result.stdout.partition("Commands:")[2]
    ] == []


def test_the_simulated_measurement_shows_how_it_is_used() -> None:
    assert "lifecert evaluate pad --simulated --json" in run(evaluate, "pad", "--help").stdout


# Wrong use


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("labels.csv",),
        ("--root", "set"),
        ("labels.csv", "--root", "set", "--simulated"),
        ("--simulated", "--root", "set"),
        ("--simulated", "--faces", "list.csv"),
        ("--simulated", "--images", "images"),
        ("labels.csv", "--root", "set", "--faces", "list.csv"),
        ("--simulated", "--of-each", "0"),
        ("--simulated", "--forged", "-1"),
        ("--simulated", "--half", "both"),
        ("--simulated", "--workers", "0"),
    ],
)
def test_files_and_scenes_are_measured_one_at_a_time_and_complete(words: tuple[str, ...]) -> None:
    result = run(evaluate, "pad", *words)

    assert result.exit_code == 2
    assert result.stderr.startswith("Usage: ")


@pytest.mark.parametrize(
    "words", [("report",), ("calibrate", "trial"), ("fit",), ("record",), ("fit", "--out", "x", "--living", "0")]
)
def test_a_command_without_what_it_needs_is_wrong_use(words: tuple[str, ...]) -> None:
    result = run(pad, *words)

    assert result.exit_code == 2
    assert result.stderr.startswith("Usage: ")


def test_scenes_need_faces_to_wear() -> None:
    error = fault(run(evaluate, "pad", "--simulated", "--json"))

    assert error["code"] == "FacesNotFound"
    assert "--faces LIST.csv --images DIR" in error["message"]


def test_a_mirror_without_portraits_is_named(tmp_path: Path) -> None:
    error = fault(run(evaluate, "pad", "--simulated", "--mirror", tmp_path, "--json"))

    assert str(tmp_path) in error["message"]


def test_a_list_of_too_few_people_is_told(tmp_path: Path) -> None:
    images = write_files(tmp_path / "images", ["a.jpg", "b.jpg"])
    listed = write_list(tmp_path / "list.csv", "file", "a.jpg", "b.jpg")

    error = fault(run(pad, "fit", "--out", tmp_path / "relief.toml", "--faces", listed, "--images", images, "--json"))

    assert error["code"] == "FacesTooFew"
    assert "at least 4 are needed" in error["message"]
    assert not (tmp_path / "relief.toml").exists()


@pytest.mark.parametrize("command", [("report",), ("calibrate", "--camera", "OV5647")])
def test_a_result_that_cannot_be_written_is_told_before_the_work_begins(tmp_path: Path, command: tuple[str, ...]) -> None:
    error = fault(run(pad, *command, tmp_path, "--out", tmp_path / "nowhere" / "out", "--json"))

    assert error["code"] == "PlotNotWritten"


@pytest.mark.parametrize("command", [("report",), ("calibrate", "--camera", "OV5647")])
@pytest.mark.parametrize(("folder", "code"), [("nowhere", "FolderNotFound"), (".", "PresentationsNotFound")])
def test_a_folder_without_presentations_is_a_fault(tmp_path: Path, command: tuple[str, ...], folder: str, code: str) -> None:
    error = fault(run(pad, *command, tmp_path / folder, "--out", tmp_path / "out", "--json"))

    assert error["code"] == code
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (("--species", "Vinyl Print"), "species"),
        (("--species", "mug"), "artefact"),
        (("--artefact", "a mask"), "artefact"),
        (("--subject", "Li Si"), "subject"),
        (("--operator", "../w"), "operator"),
        (("--consent", ""), "consent"),
        (("--place", "a\nb"), "place"),
        (("--camera", "usb:0\x07"), "camera"),
    ],
)
def test_words_that_could_not_be_read_again_are_refused_before_anybody_is_recorded(
    tmp_path: Path, words: tuple[str, str], key: str
) -> None:
    usual = {"--species": "live", "--subject": "S07", "--operator": "W1", "--consent": "form 12", "--place": "office"}
    given = [word for pair in {**usual, words[0]: words[1]}.items() for word in pair]
    (trial := tmp_path / "trial").mkdir()

    error = fault(run(pad, "record", "--out", trial, "--reference", picture(tmp_path / "photo.png"), *given, "--json"))

    assert (error["code"], f"presentation.toml, {key}: " in error["message"]) == ("PresentationInvalid", True)
    assert list(trial.iterdir()) == []


# The document of the scenes

ORDER = Order(of_each=1, forged=1, half="report", faces=None, images=None, workers=1, plot=None, mirror=None)


@pytest.fixture
def report() -> SimulatedReport:
    """Every attack once in each place; only a mug in the sun passes."""
    attacks = [outcome(species, place, relief=Standing.DENIED) for species in ATTACKS for place in Place]
    mug = outcome(Species.MUG, Place.SUN)
    return weigh_outcomes([outcome(), outcome(texture=Standing.MISSING), mug, *attacks])


def test_the_document_of_the_scenes_says_that_they_are_simulated_and_holds_every_rate(report: SimulatedReport) -> None:
    found = json.loads(json.dumps(_document(report, ORDER), allow_nan=False))

    assert (found["simulated"], found["half"], found["presentations"]) == (True, "report", 43)
    assert found["bpcer"].keys() == found["bpnrr"].keys() == found["wrong_code"].keys() == found["called_attack"].keys() == RATE
    assert found["apcer"].keys() == found["apnrr"].keys() == found["attacks_called_so"].keys() == {word.value for word in ATTACKS}
    assert (found["apcer"]["mug"]["errors"], found["apcer"]["mug"]["of"]) == (1, 6)
    assert found["bpcer_by_place"].keys() == {place.value for place in Place}
    assert found["forgeries"].keys() == {"wrong_code", "delayed", "injected"}
    assert found["ablation"].keys() == {cue.value for cue in CueKind}
    assert found["ablation"]["relief"]["apcer"]["mug"]["errors"] == 6
    assert len(found["cells"]) == len(ATTACKS) * len(Place)
    assert (found["cells"][0]["species"], found["cells"][0]["place"]) == ("mug", "sun")


def test_people_read_first_that_it_is_simulated(report: SimulatedReport, capsys: pytest.CaptureFixture[str]) -> None:
    _print(report, ORDER)

    first, *lines = capsys.readouterr().out.splitlines()
    assert first == "SIMULATED, half report: 43 scenes; these figures are no proof of how real attacks fare"
    assert [line.split()[:2] for line in lines if line.startswith("APCER")] == [["APCER", word.value] for word in ATTACKS]
    assert [line for line in lines if line.startswith("worst cell      mug in sun: 50.0000 %  1 of 2")]
    assert [line.split()[0] for line in lines[-len(CueKind) :]] == [cue.value for cue in CueKind]
