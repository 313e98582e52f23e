"""The support bundle holds words and numbers of an allow-list, whatever a condition brings (R74)."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from edge.showing.facts import FACTS, Value, passed_on
from edge.support_bundle import BUNDLE_FILES, Told, support_bundle

VERSIONS, COUNTERS = {"lifecert": "0.1.0"}, {"lifecert_panel_touches_total": 3.0}


def bundle_of(condition: dict[str, Value]) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(support_bundle(Told(VERSIONS, condition, COUNTERS)))) as bundle:
        assert bundle.testzip() is None
        return {name: bundle.read(name).decode("utf-8") for name in bundle.namelist()}


def test_it_holds_four_files_that_say_versions_condition_and_counters() -> None:
    files = bundle_of({"state": "IDLE", "celsius": 41.5, "enrolled": False, "spool_queued": 0})

    assert tuple(files) == BUNDLE_FILES
    assert json.loads(files["versions.json"]) == VERSIONS
    assert json.loads(files["counters.json"]) == COUNTERS
    assert json.loads(files["condition.json"]) == {"state": "IDLE", "celsius": 41.5, "enrolled": False, "spool_queued": 0}


PRIVATE: list[tuple[str, Value]] = [
    ("name", "张三"),
    ("case", "case-2026-000123"),
    ("subject", "11010519491231002X"),
    ("state", "11010519491231002X"),
    ("state", "张三"),
    ("state", "Zhang San"),
    ("trouble", "/var/lib/lifecert/keys/result.pem"),
    ("version", "13812345678"),
    ("net", "a" * 33),
    ("last_reasons", "张三 11010519491231002X"),
    ("doctor.camera", "张三 was here"),
    ("doctor.张三", "ok"),
    ("celsius", "张三"),
    ("celsius", True),
    ("enrolled", "张三"),
    ("key", "-----BEGIN PRIVATE KEY-----"),
    ("picture", "/9j/4AAQSkZJRg=="),
]


@pytest.mark.parametrize(("name", "value"), PRIVATE)
def test_nothing_of_a_person_and_no_key_gets_in(name: str, value: Value) -> None:
    files = bundle_of({name: value, "free_mib": 900})

    told = json.loads(files["condition.json"])

    assert told.pop("free_mib") == 900
    assert "".join(map(str, told.values())) == ""
    assert not any(str(value) in text for text in files.values() if not isinstance(value, bool))


def test_of_last_reasons_only_known_codes_are_passed_on() -> None:
    assert passed_on("last_reasons", "TOO_FAR somebody NO_FACE") == "TOO_FAR NO_FACE"


def test_of_a_finding_only_the_verdict_is_passed_on() -> None:
    assert (passed_on("doctor.camera", "ok usb:0 at 30"), passed_on("survey.wall", "BAD it shines")) == ("ok", "BAD")


def test_every_known_fact_has_names_in_both_languages() -> None:
    assert [name for name, fact in FACTS.items() if not (fact.zh and fact.en)] == []


def test_the_same_facts_make_the_same_bytes() -> None:
    told = Told(VERSIONS, {"state": "IDLE", "celsius": 1.0}, COUNTERS)

    assert support_bundle(told) == support_bundle(Told(VERSIONS, {"celsius": 1.0, "state": "IDLE"}, COUNTERS))
