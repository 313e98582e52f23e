"""From a sealed cohort to the ledger: calibrated, published, carried to the unit, and what a visit is judged by (R28, R30).

The people of the cohorts do not exist: their embeddings are drawn at random, with so much in common that strangers look alike.
Matcher, unit, broker and visitor are real.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from demo.answers import Answer
from demo.centre import Row
from demo.errors import ProgramFailedError
from demo.proof import await_rows
from demo.stills import take_still
from demo.story import Chain
from demo.unit import Outcome
from demo.visits import FROM_REPLAY, LIVE
from edge.flow import MatcherIdentity
from models.matcher import DEFAULT_MATCHER, matcher_digest
from models.runtime import matcher_runtime
from models.store import ModelStore
from tests.conftest import mirror_folder
from tests.system.chain import await_true, photo, running_chain, spool_of
from tests.system.tokens import envelope_of
from wire.cohort import CohortHead, CohortRow, CohortWriter
from wire.envelope import Kind, unverified_payload
from wire.policy import Policy, read_policy
from wire.reference import ReferenceClass
from wire.result import ResultStatement, Verdict, read_result
from wire.sealing import read_sealing_key

pytestmark = [pytest.mark.system, pytest.mark.broker, pytest.mark.weights, pytest.mark.footage]

CENTRE = "lifecert-centre"
DOCUMENT, SUPERVISED = ReferenceClass
PERSONS, DIMENSION = 400, 768
IN_COMMON = {DOCUMENT: 0.50, SUPERVISED: 0.47}
"""The mean similarity of two strangers, so that the thresholds lie where those of real people do."""
PLAIN, BOTH, UNCOVERED, WAITING = "case-plain", "case-both", "case-uncovered", "case-waiting"


def strangers(in_common: float, seed: int) -> Iterator[CohortRow]:
    """One reference each of people who do not exist."""
    drawn = np.random.default_rng(seed).normal(size=(PERSONS, DIMENSION - 1))
    own = drawn / np.linalg.norm(drawn, axis=1, keepdims=True) * np.sqrt(1 - in_common)
    for number, direction in enumerate(np.insert(own, 0, np.sqrt(in_common), axis=1)):
        yield CohortRow(f"p{number:04}", 60 + number % 30, "fm"[number % 2], "", direction.astype("<f2").tobytes())


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme that publishes its own policies for the units of a chain."""

    chain: Chain
    folder: Path
    matcher: MatcherIdentity

    def ask(self, *words: str) -> Answer:
        """Ask the centre's console."""
        return self.chain.stack.programs.ask(CENTRE, *words)

    def calibrate(self, reference_class: ReferenceClass) -> int:
        """Seal a cohort for the centre, take it in, and find the threshold for one stranger in a hundred."""
        file, key = self.folder / f"{reference_class}.lcc", read_sealing_key(self.ask("cohort", "key").text("pem").encode())
        identity = self.matcher
        head = CohortHead(
            "Pensions", identity.name, identity.model_digest, identity.runtime, reference_class, DIMENSION, int(time.time())
        )
        with file.open("wb") as stream, CohortWriter(stream, head, key) as writer:
            for row in strangers(IN_COMMON[reference_class], seed=len(reference_class)):
                writer.add(row)
        cohort = self.ask("cohort", "import", str(file)).text("cohort")
        return self.ask("calibrate", "--cohort", cohort, "--claim", "1e-2", "--population", "drawn at random").number(
            "calibration"
        )

    def publish(self, *calibrations: int) -> Policy:
        """Sign the next version, and wait until it lies in the unit's spool."""
        words = [word for number in calibrations for word in ("--calibration", str(number))]
        token = self.ask("policy", "publish", "pension-2027", *words).text("token")
        envelope = envelope_of(token)
        policy = read_policy(unverified_payload(envelope, Kind.POLICY))
        with spool_of(self.chain) as spool:
            await_true(lambda: spool.policy(policy.id) is not None, f"{policy.id} on the unit", 30)
            kept = spool.policy(policy.id)
            assert kept is not None
            assert kept.envelope == envelope
        return policy

    def ticket(self, case: str, *references: tuple[Path, ReferenceClass], policy: str | None = None) -> None:
        """Make a ticket as the console does."""
        words = [word for file, each in references for word in ("--reference", str(file), "--reference-class", each.value)]
        words += ["--policy", policy] if policy else []
        self.ask("ticket", "new", "--unit", self.chain.unit.name, "--case", case, "--subject", "s-1", "--mode", "passive", *words)

    def visit(self, case: str) -> Outcome:
        """Serve a visit to its end."""
        with self.chain.unit.visit(case, f"clip:{self.chain.mirror / LIVE}", self.chain.mirror) as running:
            list(running.lines())
            return running.outcome()


@dataclass(frozen=True, slots=True)
class Season:
    """What one programme with its own thresholds left behind."""

    first: Policy
    second: Policy
    shipped: MatcherIdentity
    refusal: str
    rows: dict[str, Row]
    statements: dict[str, ResultStatement]


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory, model_store: ModelStore) -> Iterator[Season]:
    matcher = identity_of(model_store)
    with running_chain(tmp_path_factory.mktemp("policies"), mirror_folder()) as chain:
        programme = Programme(chain, tmp_path_factory.mktemp("programme"), matcher)
        taken = chain.unit.gallery / "taken-at-the-office.png"
        take_still(chain.mirror / FROM_REPLAY.recording, 0.3, taken)
        document, supervised = (photo(chain), DOCUMENT), (taken, SUPERVISED)
        calibrations = [programme.calibrate(each) for each in ReferenceClass]
        first = programme.publish(*calibrations)
        programme.ticket(PLAIN, document, policy=first.id)
        programme.ticket(WAITING, document, policy=first.id)
        programme.ticket(UNCOVERED, document, supervised)
        outcomes = [programme.visit(PLAIN)]
        with pytest.raises(ProgramFailedError) as refused:
            programme.visit(UNCOVERED)
        second = programme.publish(*calibrations)
        programme.ticket(BOTH, document, supervised, policy=second.id)
        outcomes += [programme.visit(case) for case in (WAITING, BOTH)]
        rows = {row.case: row for row in await_rows(chain.stack.centre, outcomes, within_s=30)}
        assert len(chain.stack.centre.rows()) == len(outcomes)
        statements = {case: read_result(unverified_payload(envelope_of(row.token), Kind.RESULT)) for case, row in rows.items()}
        yield Season(first, second, matcher, str(refused.value), rows, statements)


def identity_of(store: ModelStore) -> MatcherIdentity:
    """The matcher that units are shipped with, under what runs its networks here."""
    card = store.matcher(DEFAULT_MATCHER)
    cards = {name: store.card(name) for name in card.networks}
    return MatcherIdentity(card.name, matcher_digest(card, cards), matcher_runtime(card, cards))


def threshold_of(policy: Policy, matcher: MatcherIdentity, reference_class: ReferenceClass) -> int:
    proven = policy.calibration_for(matcher.model_digest, matcher.runtime, reference_class)
    assert proven is not None
    return proven.threshold_x10000


def test_the_published_policy_carries_a_proven_threshold_for_each_class(season: Season) -> None:
    document, supervised = (threshold_of(season.first, season.shipped, each) for each in ReferenceClass)

    assert 4400 < supervised < document < 6000
    assert {one.persons for one in season.first.calibrations} == {PERSONS}
    assert all(one.fmr_high_x1e9 <= one.claimed_fmr_x1e9 == 10_000_000 for one in season.first.calibrations)


def test_the_row_in_the_ledger_names_the_policy_and_the_threshold_that_it_proved(season: Season) -> None:
    row, statement = season.rows[PLAIN], season.statements[PLAIN]

    assert row.checked
    assert statement.visit is not None
    assert statement.visit.policy == season.first.id == "pension-2027/1"
    assert row.likeness is not None
    assert row.likeness.threshold == threshold_of(season.first, season.shipped, DOCUMENT)
    assert row.verdict is (Verdict.ACCEPTED if row.likeness.similarity >= row.likeness.threshold else Verdict.REVIEW)


def test_with_both_classes_on_the_ticket_the_result_names_the_class_that_decided(season: Season) -> None:
    statement = season.statements[BOTH]

    assert statement.visit is not None
    assert statement.visit.policy == season.second.id == "pension-2027/2"
    assert statement.likeness is not None
    of_class = statement.likeness.reference_class
    assert statement.likeness.threshold == threshold_of(season.second, season.shipped, of_class)


def test_a_ticket_from_before_the_newer_version_is_still_served_under_its_own(season: Season) -> None:
    statement = season.statements[WAITING]

    assert statement.visit is not None
    assert statement.visit.policy == season.first.id


def test_a_class_that_no_threshold_was_proven_for_keeps_the_visit_from_beginning(season: Season) -> None:
    assert "no threshold for references of the class supervised" in season.refusal
    assert UNCOVERED not in season.rows
