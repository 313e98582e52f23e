"""A unit that was blocked gets nothing through any more, and keeps what it has (F22, threat 3)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.proof import await_rows
from demo.story import Chain
from demo.unit import Outcome
from tests.conftest import mirror_folder
from tests.system.chain import await_tickets, hand_out_tickets, running_chain, spool_of

pytestmark = [pytest.mark.system, pytest.mark.broker, pytest.mark.weights, pytest.mark.footage]

QUICK = "data/clips/intel_turn_left_right.mp4"
BEFORE, AFTER = "case-before", "case-after"


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with running_chain(tmp_path / "chain", mirror_folder()) as chain:
        hand_out_tickets(chain, [BEFORE, AFTER])
        await_tickets(chain, 2, within_s=30)
        yield chain


def visited(chain: Chain, case: str) -> Outcome:
    """Serve one quick visit to its end."""
    with chain.unit.visit(case, f"clip:{chain.mirror / QUICK}", chain.mirror) as running:
        list(running.lines())
        return running.outcome()


def test_nothing_of_a_blocked_unit_gets_through_and_its_spool_keeps_the_result(chain: Chain) -> None:
    before = visited(chain, BEFORE)
    await_rows(chain.stack.centre, [before], within_s=30)

    chain.stack.centre.block(chain.unit.name)
    after = visited(chain, AFTER)
    chain.unit.stop_uplink()
    delivered = chain.unit.deliver(within_s=8)

    assert not delivered
    with spool_of(chain) as spool:
        assert spool.count_waiting() == 1
    assert [row.result_id for row in chain.stack.centre.rows()] == [before.result_id]
    assert after.sequence == before.sequence + 1
