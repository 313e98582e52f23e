"""From the sealed file to the published policy and to drift, by the commands of `lifecert-centre`."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.acceptance_file import acceptance_text
from models.manifest import load_manifest
from models.matcher import matcher_digest
from provisioning.centre import open_centre
from provisioning.settings import CentreSettings
from tests.provisioning.conftest import Run
from tests.provisioning.peers import enrol
from tests.provisioning.publishing import acceptance
from tests.provisioning.references import HEAD, people, seal_cohort
from wire.cohort import CohortRow
from wire.policy import SHIPPED_POLICY
from wire.sealing import read_sealing_key

Captured = pytest.CaptureFixture[str]
Call = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def call(run: Run, centre_data: Path, capsys: Captured) -> Call:
    """Run a command on a centre with --json; the answer is its status and its document."""

    def call_words(*words: str | Path) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        status = run(*words, "--data", centre_data, "--json")
        return status, json.loads(capsys.readouterr().out)

    return call_words


@pytest.fixture
def cohort(call: Call, tmp_path: Path) -> Callable[..., str]:
    """Seal rows of the shipped matcher to the centre's key and take them in; the answer is the name of the cohort."""
    manifest = load_manifest()
    shipped = replace(HEAD, model_digest=matcher_digest(manifest.matcher("reid0095_mfn"), manifest.cards))

    def take_in(rows: Iterable[CohortRow], **head: Any) -> str:
        key = read_sealing_key(call("cohort", "key")[1]["pem"].encode())
        file = seal_cohort(tmp_path / "cohort.lcc", key, rows, replace(shipped, **head))
        status, document = call("cohort", "import", file)
        assert status == 0
        return str(document["cohort"])

    return take_in


def test_the_way_from_references_to_a_policy(call: Call, cohort: Callable[..., str], centre_data: Path, tmp_path: Path) -> None:
    with open_centre(CentreSettings(data=centre_data)) as centre:
        unit = enrol(centre, "LC-0001", centre_data).name
    photo = tmp_path / "photo.bin"
    photo.write_bytes(b"stands for a picture")
    first = cohort(people(150))

    status, calibrated = call("calibrate", "--cohort", first, "--claim", "1e-2", "--population", "pensioners of the city")
    assert (status, calibrated["calibration"], calibrated["supported"]) == (0, 1, True)
    status, policy = call("policy", "publish", "pension-2027", "--calibration", "1", "--programme", "City", "--valid-days", "30")
    assert (status, policy["policy"], policy["programme"]) == (0, "pension-2027/1", "City")
    words = ("--case", "C-1", "--subject", "9f2c", "--reference", photo, "--mode", "passive", "--unit", unit)
    assert call("ticket", "new", *words, "--policy", "pension-2027/1")[0] == 0

    assert call("policy", "show", "pension-2027/1") == (0, policy)
    assert call("policy", "list") == (0, {"policies": [policy]})
    assert policy["calibrations"][0]["threshold"] == calibrated["threshold"]
    assert policy["calibrations"][0]["population"] == "pensioners of the city"
    (listed,) = call("calibrate", "list")[1]["calibrations"]
    assert listed == {key: value for key, value in calibrated.items() if key not in ("alike", "warnings")}


def test_a_calibration_says_rates_with_their_counts_and_bounds(call: Call, cohort: Callable[..., str]) -> None:
    _, document = call("calibrate", "--cohort", cohort(people(150)), "--claim", "1e-2")

    assert set(document["fmr"]) == {"value", "errors", "of", "low", "high"}
    assert document["fmr"]["of"] == 150 * 149 // 2
    assert document["fmr"]["high"] <= 0.01
    assert document["fmr_by_person"]["high"] <= 0.01
    assert {"60-69", "f", "north", "across age bands"} <= {one["name"] for one in document["strata"]}
    assert document["ages"] == {"60-69": 50, "70-79": 50, "80-89": 50}
    assert document["review_from"] < document["threshold"]
    assert (document["alike"], document["merged"], document["references"]) == ([], 0, 150)


def test_a_cohort_of_five_people_is_refused_with_the_number_that_is_needed(call: Call, cohort: Callable[..., str]) -> None:
    status, document = call("calibrate", "--cohort", cohort(people(5)), "--claim", "1e-4")

    assert status == 1
    assert document["error"]["code"] == "claim_unsupported"
    assert "at least 36887" in document["error"]["message"]


def test_an_unsupported_threshold_is_refused_with_what_was_counted(call: Call, cohort: Callable[..., str]) -> None:
    status, document = call("calibrate", "--cohort", cohort(people(150)), "--claim", "1e-2", "--threshold", "0.3")

    assert status == 1
    assert "above 0.01" in document["error"]["message"]
    assert (document["supported"], document["calibration"], document["threshold"]) == (False, None, 0.3)
    assert document["fmr"]["value"] > 0.01
    assert call("calibrate", "list")[1] == {"calibrations": []}


def test_people_under_two_names_are_shown_and_made_one_by_a_list(call: Call, cohort: Callable[..., str], tmp_path: Path) -> None:
    rows = list(people(60))
    name = cohort([*rows, *(replace(row, person=f"again-{row.person}") for row in rows[:40])])

    status, refused = call("calibrate", "--cohort", name, "--claim", "2e-3")
    assert (status, len(refused["alike"])) == (1, 40)
    listed = tmp_path / "same.csv"
    listed.write_text("a,b\n" + "".join(f"{pair['a']},{pair['b']}\n" for pair in refused["alike"]))
    status, document = call("calibrate", "--cohort", name, "--claim", "1e-2", "--one-person", listed)

    assert (status, document["merged"], document["persons"], document["alike"]) == (0, 40, 60, [])


def test_unlike_cohorts_are_refused(call: Call, cohort: Callable[..., str]) -> None:
    one, other = cohort(people(5)), cohort(people(5), runtime="onnxruntime 1.31.0")

    status, document = call("calibrate", "--cohort", one, "--cohort", other, "--claim", "1e-2")

    assert status == 1
    assert document["error"]["code"] == "cohorts_unlike"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("calibrate",), "usage"),
        (("calibrate", "--cohort", "cohort-1"), "usage"),
        (("calibrate", "--claim", "1e-3"), "usage"),
        (("policy", "publish", "a"), "usage"),
        (("policy", "publish", "a", "--calibration", "x"), "usage"),
        (("policy", "publish", "a", "--calibration", "1", "--require", "infrared"), "usage"),
        (("policy", "publish", "a", "--calibration", "9" * 30), "usage"),
        (("calibrate", "drift", "--policy", "a/1"), "usage"),
        (("cohort", "import", "nothing.lcc"), "file_unusable"),
        (("cohort", "key", "--out", "/"), "file_unusable"),
        (("matcher", "accept", "nothing.toml"), "file_unusable"),
    ],
)
def test_wrong_usage_and_files_that_are_not_there_end_with_2(call: Call, words: tuple[str, ...], code: str) -> None:
    call("cohort", "key")

    status, document = call(*words)

    assert (status, document["error"]["code"]) == (2, code)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("calibrate", "--cohort", "cohort-1", "--claim", "lots"), "input_invalid"),
        (("calibrate", "--cohort", "cohort-1", "--claim", "1e-3", "--threshold", "2"), "input_invalid"),
        (("calibrate", "--cohort", "cohort-1", "--claim", "1e-3"), "cohort_unknown"),
        (("calibrate", "drift", "--policy", "a/1", "--cohort", "cohort-1"), "policy_unknown"),
        (("cohort", "forget", "cohort-1"), "cohort_unknown"),
        (("policy", "publish", "a", "--calibration", "1"), "calibration_unknown"),
        (("policy", "show", "a/1"), "policy_unknown"),
    ],
)
def test_what_is_not_here_or_cannot_be_is_refused_with_1(call: Call, words: tuple[str, ...], code: str) -> None:
    status, document = call(*words)

    assert (status, document["error"]["code"]) == (1, code)


def test_a_cohort_without_a_key_is_refused_and_told_of_the_key(call: Call, tmp_path: Path) -> None:
    (tmp_path / "x.lcc").write_bytes(b"x")

    status, document = call("cohort", "import", tmp_path / "x.lcc")

    assert (status, document["error"]["code"]) == (1, "cohort_key_missing")


def test_the_key_is_shown_or_written_and_its_private_half_never(
    run: Run, centre_data: Path, tmp_path: Path, capsys: Captured
) -> None:
    out = tmp_path / "key.pem"

    assert run("cohort", "key", "--data", centre_data) == 0
    shown = capsys.readouterr()
    assert run("cohort", "key", "--out", out, "--data", centre_data) == 0

    assert shown.out == out.read_text()
    assert stat.S_IMODE(out.stat().st_mode) == 0o644
    private = (centre_data / "cohorts" / "cohort.key").read_text().splitlines()[1]
    assert private not in shown.out + shown.err + capsys.readouterr().out + out.read_text()


def test_cohorts_are_listed_and_forgotten(call: Call, cohort: Callable[..., str]) -> None:
    name = cohort(people(5))

    (row,) = call("cohort", "list")[1]["cohorts"]
    assert (row["cohort"], row["references"], row["persons"], row["state"]) == (name, 5, 5, "here")
    assert call("cohort", "forget", name) == (0, {"cohort": name, "state": "forgotten"})
    assert call("cohort", "list")[1]["cohorts"][0]["state"] == "forgotten"
    assert call("calibrate", "--cohort", name, "--claim", "1e-2")[0] == 1


def drifting(count: int) -> Iterable[CohortRow]:
    """People of 90 and over who all look a little alike."""
    towards = np.zeros(16)
    towards[0] = 0.7
    for row in people(count, seed=9, ages=(92,)):
        vector = np.frombuffer(row.embedding, "<f2").astype(float) + towards
        yield replace(row, embedding=(vector / np.linalg.norm(vector)).astype("<f2").tobytes())


def test_a_newer_cohort_that_no_longer_fits_is_an_alarm(call: Call, cohort: Callable[..., str]) -> None:
    call("calibrate", "--cohort", cohort(people(150)), "--claim", "1e-2")
    call("policy", "publish", "pension", "--calibration", "1")

    status, document = call("calibrate", "drift", "--policy", "pension/1", "--cohort", cohort(drifting(100)))

    assert (status, document["drifted"]) == (1, True)
    assert any("above the claim of 0.01" in alarm for alarm in document["alarms"])
    assert {"band": "90 and over", "then": 0.0, "now": 1.0} in document["ages"]
    assert any("90 and over" in warning for warning in document["warnings"])


def test_drift_is_counted_among_the_same_kind_of_people(call: Call, cohort: Callable[..., str]) -> None:
    call("calibrate", "--cohort", cohort(people(300)), "--claim", "1e-2", "--among", "80-89")
    call("policy", "publish", "pension", "--calibration", "1")

    status, document = call("calibrate", "drift", "--policy", "pension/1", "--cohort", cohort(people(300, seed=3)))
    nobody = call("calibrate", "drift", "--policy", "pension/1", "--cohort", cohort(people(50, ages=(62,))))

    assert (status, document["newer"]["of"]) == (0, 100 * 99 // 2)
    assert (nobody[0], nobody[1]["error"]["code"]) == (1, "input_invalid")


def test_a_newer_cohort_of_the_same_kind_is_no_alarm(call: Call, cohort: Callable[..., str]) -> None:
    call("calibrate", "--cohort", cohort(people(150)), "--claim", "1e-2")
    call("policy", "publish", "pension", "--calibration", "1")

    status, document = call("calibrate", "drift", "--policy", "pension/1", "--cohort", cohort(people(150, seed=2)))

    assert (status, document["drifted"], document["alarms"]) == (0, False, [])
    assert document["signed"]["of"] == document["newer"]["of"] == 150 * 149 // 2


@pytest.mark.parametrize(
    ("head", "what"), [({"model_digest": b"\x02" * 32}, "matcher"), ({"runtime": "onnxruntime 1.31.0"}, "runtime")]
)
def test_a_newer_cohort_of_another_matcher_is_not_held_against_the_policy(
    call: Call, cohort: Callable[..., str], head: dict[str, Any], what: str
) -> None:
    call("calibrate", "--cohort", cohort(people(150)), "--claim", "1e-2")
    call("policy", "publish", "pension", "--calibration", "1")

    status, document = call("calibrate", "drift", "--policy", "pension/1", "--cohort", cohort(people(150), **head))

    assert (status, document["error"]["code"]) == (1, "cohorts_unlike")
    assert f"another {what}" in document["error"]["message"]


def test_a_matcher_is_accepted_by_its_record_before_a_policy_names_it(
    call: Call, cohort: Callable[..., str], tmp_path: Path
) -> None:
    name = cohort(people(150), model_digest=acceptance().digest)
    call("calibrate", "--cohort", name, "--claim", "1e-2")
    record = tmp_path / "acceptance.toml"
    record.write_text(acceptance_text(acceptance()))

    assert call("policy", "publish", "pension", "--calibration", "1")[1]["error"]["code"] == "matcher_refused"
    assert call("matcher", "accept", record)[0] == 0
    assert call("policy", "publish", "pension", "--calibration", "1")[0] == 0

    (row,) = call("matcher", "list")[1]["matchers"]
    assert (row["matcher"], row["runtime"]) == ("theirs", "onnxruntime 1.32.0")


def test_a_ticket_under_an_unknown_policy_is_refused(call: Call, centre_data: Path, tmp_path: Path) -> None:
    with open_centre(CentreSettings(data=centre_data)) as centre:
        unit = enrol(centre, "LC-0001", centre_data).name
    photo = tmp_path / "photo.bin"
    photo.write_bytes(b"stands for a picture")
    words = ("--case", "C-1", "--subject", "9f2c", "--reference", photo, "--mode", "passive", "--unit", unit)

    assert call("ticket", "new", *words, "--policy", "pension/1")[1]["error"]["code"] == "policy_unknown"
    assert call("ticket", "new", *words, "--policy", SHIPPED_POLICY)[0] == 0


def test_cues_are_required_by_a_policy_and_asked_of_each_ticket(
    run: Run, call: Call, cohort: Callable[..., str], centre_data: Path, tmp_path: Path, capsys: Captured
) -> None:
    with open_centre(CentreSettings(data=centre_data)) as centre:
        unit = enrol(centre, "LC-0001", centre_data).name
    (photo := tmp_path / "photo.bin").write_bytes(b"stands for a picture")
    call("calibrate", "--cohort", cohort(people(150)), "--claim", "1e-2")

    lax = call("policy", "publish", "lax", "--calibration", "1")[1]
    strict = call("policy", "publish", "strict", "--calibration", "1", "--require", "relief", "--require", "code")[1]
    kind = call("policy", "publish", "kind", "--calibration", "1", "--substitution")[1]

    assert (lax["required_cues"], strict["required_cues"]) == ([], ["code", "relief"])
    assert (lax["substitution"], kind["substitution"]) == (False, True)
    words = ("--case", "C-1", "--subject", "9f2c", "--reference", photo, "--unit", unit, "--policy", "strict/1", "--mode")
    status, refused = call("ticket", "new", *words, "active")
    assert (status, refused["error"]["code"]) == (1, "policy_unfit")
    assert call("ticket", "new", *words, "full")[0] == 0
    for policy, line in (("strict/1", ["cues        code, relief"]), ("lax/1", [])):
        capsys.readouterr()
        run("policy", "show", policy, "--data", centre_data)
        assert [told for told in capsys.readouterr().out.splitlines() if told.startswith("cues")] == line


def test_people_read_sentences_and_tables(
    run: Run, call: Call, cohort: Callable[..., str], centre_data: Path, capsys: Captured
) -> None:
    name = cohort([*people(150), replace(next(iter(people(1))), person="again")])
    for words, said in (
        (("calibrate", "--cohort", name, "--claim", "1e-2"), "alike  p00000  again"),
        (("calibrate", "list"), "reid0095_mfn"),
        (("policy", "publish", "pension", "--calibration", "1"), "pension/1 is signed and put out"),
        (("policy", "list"), "pension/1"),
        (("policy", "show", "pension/1"), "comparisons of 151 persons"),
        (("calibrate", "drift", "--policy", "pension/1", "--cohort", name), "no drift found"),
        (("cohort", "list"), name),
        (("matcher", "list"), "none"),
    ):
        capsys.readouterr()
        assert run(*words, "--data", centre_data) == 0
        assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        *(("cohort", word) for word in ("key", "import", "list", "forget")),
        *((("calibrate",), ("calibrate", "list"), ("calibrate", "drift"))),
        *(("policy", word) for word in ("publish", "list", "show")),
        *(("matcher", word) for word in ("accept", "list")),
    ],
)
def test_help_is_shown_with_an_example(run: Run, words: tuple[str, ...], capsys: Captured) -> None:
    assert run(*words, "--help") == 0

    assert "Example: lifecert-centre" in capsys.readouterr().out
