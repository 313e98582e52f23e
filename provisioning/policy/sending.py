"""What a unit must be sent so that it knows the policies it needs. Nothing is sent here; ingest sends what is put out."""

from __future__ import annotations

from provisioning.db import Transaction
from provisioning.errors import PolicyUnknownError
from provisioning.outgoing import Parcel, put_out_once_more
from provisioning.policy.models import KeptPolicy
from provisioning.policy.store import PolicyStore
from provisioning.tickets.store import TicketStore
from wire.policy import SHIPPED_POLICY
from wire.topics import Down


def send_policies(transaction: Transaction, unit: str, now_s: int) -> None:
    """Put out for a unit the newest version of every policy, and older ones that its open tickets name."""
    store = PolicyStore(transaction)
    newest = store.newest(now_s)
    known = {kept.policy.id for kept in newest}
    named = sorted(TicketStore(transaction).open_policies_of(unit, now_s) - known)
    for kept in (*(found for policy_id in named if (found := store.find(policy_id))), *newest):
        put_out_policy(transaction, unit, kept)


def put_out_policy(transaction: Transaction, unit: str, kept: KeptPolicy) -> None:
    """Put a policy out for a unit, or once more if it was before."""
    policy = kept.policy
    put_out_once_more(transaction, Parcel(unit, Down.POLICY, policy.id.encode(), kept.envelope, policy.not_after_s))


def send_named_policy(transaction: Transaction, unit: str, policy_id: str, until_s: int) -> None:
    """Make sure that a unit has the policy that a ticket names, for as long as the ticket lasts.

    The shipped policy needs no sending. Raises `PolicyUnknownError` for one that is not here, or ends before the ticket.
    """
    if policy_id == SHIPPED_POLICY:
        return
    kept = PolicyStore(transaction).find(policy_id)
    if kept is None:
        raise PolicyUnknownError(policy_id, "it was not published here; `lifecert-centre policy list` shows those that were")
    if kept.policy.not_after_s < until_s:
        raise PolicyUnknownError(policy_id, "it ends before the ticket does: publish a new version, or make the ticket shorter")
    put_out_policy(transaction, unit, kept)
