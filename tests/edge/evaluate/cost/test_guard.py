"""Nobody wins by not looking: made-up faces and decisions."""

from __future__ import annotations

from dataclasses import replace

from edge.evaluate.cost.guard import Answers, Checked, weigh_clips

RIGHT, STRANGER = Answers(True, True, True), Answers(False, False, False)
GOOD = Checked("good.mp4", 120, 100, 0, 0, RIGHT, RIGHT, STRANGER)


def test_a_loop_that_sees_and_decides_as_the_usual_one_holds() -> None:
    guard = weigh_clips([GOOD, replace(GOOD, living=STRANGER, same_person=None, stranger=None)])

    assert guard.holds
    assert (guard.liveness.ours.errors, guard.liveness.ours.of) == (0, 2)
    assert (guard.non_matches.ours.of, guard.matches.ours.of) == (1, 1)


def test_faces_that_only_the_usual_loop_sees_break_the_guard_beyond_half_a_point() -> None:
    assert weigh_clips([replace(GOOD, naive_faces=1000, missed=5)]).holds
    assert not weigh_clips([replace(GOOD, naive_faces=1000, missed=6)]).holds


def test_a_face_that_is_believed_in_after_it_has_gone_breaks_the_guard_and_makes_up_for_nothing() -> None:
    assert not weigh_clips([replace(GOOD, frames=1000, imagined=6)]).holds
    assert weigh_clips([replace(GOOD, frames=1000, imagined=5)]).holds
    assert not weigh_clips([replace(GOOD, naive_faces=1000, missed=6, imagined=0)]).holds
    assert not weigh_clips([replace(GOOD, frames=10_000, naive_faces=1000, missed=6, imagined=6)]).holds


def test_a_wrong_decision_of_ours_breaks_the_guard_and_one_that_both_make_does_not() -> None:
    wrong, both_wrong = Answers(True, False, True), Answers(True, False, False)

    assert not weigh_clips([GOOD, replace(GOOD, living=wrong)]).holds
    assert not weigh_clips([GOOD, replace(GOOD, same_person=wrong)]).holds
    assert not weigh_clips([GOOD, replace(GOOD, stranger=Answers(False, True, False))]).holds
    assert weigh_clips([GOOD, replace(GOOD, living=both_wrong)]).holds


def test_a_clip_without_a_decision_is_told_and_counts_for_nobody() -> None:
    guard = weigh_clips([GOOD, replace(GOOD, clip="dark.mp4", living=Answers(True, None, False))])

    assert guard.undecided == ("dark.mp4",)
    assert (guard.liveness.ours.of, guard.liveness.naive.errors) == (1, 0)


def test_nothing_seen_proves_nothing() -> None:
    assert not weigh_clips([]).holds
    assert not weigh_clips([replace(GOOD, living=Answers(True, None, True))]).holds
