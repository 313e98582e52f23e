"""Which presentations are played: so many of each, of one half only, and the same ones every time."""

from __future__ import annotations

from collections import Counter

import pytest

from edge.evaluate.simulated.plan import FORGERIES, SEEN_LIGHTS, SEEN_VARIANTS, Forgery, plan
from edge.evaluate.split import Half
from firmware.twin.physics.lights import PLACE_VARIANTS, Place
from firmware.twin.physics.species import VARIANTS, Species
from tests.edge.evaluate.outcomes import PEOPLE


def test_each_attack_and_the_living_are_shown_in_each_place_as_often_as_asked() -> None:
    planned = plan(PEOPLE, Half.REPORT, of_each=2, living=3, forged=4)

    plain = Counter((one.species, one.place) for one in planned if one.forgery is Forgery.NONE)
    assert plain == {(species, place): 3 if species is Species.LIVE else 2 for species in Species for place in Place}
    assert Counter(one.forgery for one in planned if one.forgery is not Forgery.NONE) == dict.fromkeys(FORGERIES, 4)
    assert [one.number for one in planned] == list(range(len(planned)))


def test_forged_streams_show_living_people_in_all_places_alike() -> None:
    forged = [one for one in plan(PEOPLE, Half.REPORT, of_each=0, living=0, forged=10) if one.forgery is not Forgery.NONE]

    assert {one.species for one in forged} == {Species.LIVE}
    assert Counter((one.forgery, one.place) for one in forged) == {(kind, place): 2 for kind in FORGERIES for place in Place}


def test_all_of_the_living_and_an_eighth_of_each_attack_in_each_place_are_heard_out() -> None:
    planned = plan(PEOPLE, Half.REPORT, of_each=16, living=3, forged=40)

    living = [one for one in planned if one.species is Species.LIVE and one.forgery is Forgery.NONE]
    heard = Counter((one.species, one.place, one.forgery) for one in planned if one.heard_out and one not in living)
    assert all(one.heard_out for one in living)
    assert set(heard.values()) == {1, 2}
    assert len(heard) == (len(Species) - 1 + len(FORGERIES)) * len(Place)


@pytest.mark.parametrize("half", Half)
def test_a_half_has_variants_and_lights_of_its_own(half: Half) -> None:
    planned = plan(PEOPLE, half, of_each=6, living=6, forged=6)

    assert {one.variant % 2 for one in planned} == {one.place_variant % 2 for one in planned} == {int(half)}
    assert max(one.variant for one in planned) < VARIANTS
    assert max(one.place_variant for one in planned) < PLACE_VARIANTS


def test_what_is_reported_had_no_say_before_and_what_is_fitted_stays_as_it_was() -> None:
    fit, report = (plan(PEOPLE, half, of_each=40, living=6, forged=6) for half in Half)

    assert max(one.variant for one in fit) == SEEN_VARIANTS - 2
    assert {one.place_variant for one in fit} == set(range(0, SEEN_LIGHTS, 2))
    assert min(one.variant for one in report) == SEEN_VARIANTS + 1
    assert {one.place_variant for one in report} == set(range(SEEN_LIGHTS + 1, PLACE_VARIANTS, 2))


def test_the_same_order_gives_the_same_plan_and_everybody_is_shown() -> None:
    first, again = (plan(PEOPLE, Half.FIT, of_each=2, living=2, forged=2) for _ in range(2))

    assert first == again
    assert {one.person for one in first} == set(PEOPLE.people)
    assert len({one.seed for one in first}) == len(first)


def test_the_halves_do_not_play_the_same_scenes() -> None:
    fit, report = (plan(PEOPLE, half, of_each=2, living=2, forged=2) for half in Half)

    assert {one.seed for one in fit}.isdisjoint(one.seed for one in report)
