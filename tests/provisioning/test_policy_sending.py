"""Each unit is sent the policies that it needs, and no ticket names one under which nobody could decide."""

from __future__ import annotations

import pytest

from provisioning.audit import Actor
from provisioning.devices.models import DeviceState
from provisioning.devices.registry import block_unit
from provisioning.devices.store import DeviceStore
from provisioning.errors import (
    PolicyUnfitError,
    PolicyUnknownError,
)
from tests.builders import NOW_S
from tests.provisioning.fleet import Fleet
from tests.provisioning.publishing import DAY_S, greet, published, sent
from wire.policy import CUES, SHIPPED_POLICY
from wire.reference import Reference, ReferenceClass
from wire.result import Mode


def test_a_unit_that_enrols_later_is_sent_the_newest_of_every_policy(fleet: Fleet) -> None:
    for name in ("a", "a", "b"):
        published(fleet, name)
    published(fleet, "ended", valid_days=1)
    fleet.clock.at_s += 2 * DAY_S
    late = fleet.unit()

    greet(fleet, late)

    assert sent(fleet) == [(late.name, "a/2"), (late.name, "b/1")]


def test_a_policy_comes_before_the_ticket_that_names_it(fleet: Fleet) -> None:
    published(fleet)
    late = fleet.unit()

    fleet.ticket(late, "case-7", policy="pension-2027/1")

    assert sent(fleet) == [(late.name, "pension-2027/1"), (late.name, "case-7")]


def test_a_hello_brings_back_the_policies_too_also_an_older_one_that_a_ticket_names(fleet: Fleet) -> None:
    unit = fleet.unit()
    published(fleet)
    fleet.ticket(unit, "case-7", policy="pension-2027/1")
    fleet.clock.at_s += 60
    published(fleet)
    sent(fleet)

    greet(fleet, unit)

    assert sent(fleet) == [(unit.name, "pension-2027/1"), (unit.name, "case-7"), (unit.name, "pension-2027/2")]


def test_an_older_policy_that_no_open_ticket_names_is_not_sent_again(fleet: Fleet) -> None:
    unit = fleet.unit()
    published(fleet)
    published(fleet)
    sent(fleet)

    greet(fleet, unit)

    assert sent(fleet) == [(unit.name, "pension-2027/2")]


def test_a_blocked_unit_is_sent_no_policy(lite_fleet: Fleet) -> None:
    unit = lite_fleet.unit()
    published(lite_fleet)
    sent(lite_fleet)
    with lite_fleet.database.writing() as transaction:
        block_unit(transaction, unit.name, NOW_S, Actor.CONSOLE)
        assert DeviceStore(transaction).all()[0].state is DeviceState.BLOCKED

    greet(lite_fleet, unit)
    published(lite_fleet)

    assert sent(lite_fleet) == []


def test_the_shipped_policy_needs_no_publishing(lite_fleet: Fleet) -> None:
    unit = lite_fleet.unit()

    assert lite_fleet.ticket(unit, "case-7", policy=SHIPPED_POLICY).policy == SHIPPED_POLICY
    assert sent(lite_fleet) == [(unit.name, "case-7")]


@pytest.mark.parametrize("policy", ["pension-2027/2", "nothing/1", "default/999", "pension-2027"])
def test_a_ticket_under_a_policy_that_nobody_published_is_refused(lite_fleet: Fleet, policy: str) -> None:
    unit = lite_fleet.unit()
    published(lite_fleet)
    sent(lite_fleet)

    with pytest.raises(PolicyUnknownError, match="policy list"):
        lite_fleet.ticket(unit, policy=policy)
    assert sent(lite_fleet) == []


def test_a_ticket_under_a_superseded_policy_is_refused(lite_fleet: Fleet) -> None:
    unit = lite_fleet.unit()
    published(lite_fleet)
    published(lite_fleet)

    with pytest.raises(PolicyUnfitError, match="pension-2027/2 has taken its place"):
        lite_fleet.ticket(unit, policy="pension-2027/1")


def test_a_ticket_that_outlives_its_policy_is_refused(lite_fleet: Fleet) -> None:
    unit = lite_fleet.unit()
    published(lite_fleet, valid_days=1)

    assert lite_fleet.ticket(unit, policy="pension-2027/1", valid_s=DAY_S).policy == "pension-2027/1"
    with pytest.raises(PolicyUnfitError, match="ends before the ticket"):
        lite_fleet.ticket(unit, policy="pension-2027/1", valid_s=DAY_S + 1)


def test_a_ticket_with_a_reference_that_the_policy_proves_nothing_about_is_refused(lite_fleet: Fleet) -> None:
    unit = lite_fleet.unit()
    published(lite_fleet)
    references = (Reference(b"\x0e" * 32, ReferenceClass.DOCUMENT), Reference(b"\x0d" * 32, ReferenceClass.SUPERVISED))

    with pytest.raises(PolicyUnfitError, match="no threshold for references of class supervised"):
        lite_fleet.ticket(unit, policy="pension-2027/1", references=references)


@pytest.mark.parametrize(
    ("cues", "mode", "lacking"),
    [
        ({"code", "relief"}, Mode.PASSIVE, "code, relief"),
        ({"texture", "action", "relief"}, Mode.ACTIVE, "relief"),
        ({"action"}, Mode.PASSIVE, "action"),
    ],
)
def test_a_ticket_whose_mode_lacks_a_required_cue_is_refused_and_nothing_is_sent(
    lite_fleet: Fleet, cues: set[str], mode: Mode, lacking: str
) -> None:
    unit = lite_fleet.unit()
    published(lite_fleet, required_cues=frozenset(cues))
    sent(lite_fleet)

    with pytest.raises(PolicyUnfitError, match=f"requires the cues {lacking}, which the mode {mode} does not gather"):
        lite_fleet.ticket(unit, policy="pension-2027/1", mode=mode)
    assert sent(lite_fleet) == []


def test_a_full_ticket_lacks_nothing_that_a_policy_can_require(lite_fleet: Fleet) -> None:
    unit = lite_fleet.unit()
    published(lite_fleet, required_cues=CUES)

    ticket = lite_fleet.ticket(unit, policy="pension-2027/1", mode=Mode.FULL)

    assert (ticket.mode, ticket.policy) == (Mode.FULL, "pension-2027/1")
