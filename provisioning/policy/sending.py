"""What a unit must be sent so that it knows the policies it needs. Nothing is sent here; ingest sends what is put out."""

from __future__ import annotations

from provisioning.db import Transaction
from provisioning.errors import PolicyUnfitError, PolicyUnknownError
from provisioning.outgoing import Parcel, put_out_once_more
from provisioning.policy.models import KeptPolicy, name_of
from provisioning.policy.store import PolicyStore
from provisioning.tickets.store import TicketStore
from wire.policy import SHIPPED_POLICY
from wire.result import CUES_OF
from wire.ticket import Ticket
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


def send_named_policy(transaction: Transaction, ticket: Ticket) -> None:
    """Make sure that a unit has the policy that a ticket names, for as long as the ticket lasts. The shipped one it always has.

    Raises `PolicyUnknownError` for one that is not here, `PolicyUnfitError` for one under which no unit could decide.
    """
    if ticket.policy == SHIPPED_POLICY:
        return
    store = PolicyStore(transaction)
    kept = store.find(ticket.policy)
    if kept is None:
        raise PolicyUnknownError(ticket.policy)
    newest = store.newest_of(name_of(ticket.policy))
    if newest is not None and newest.policy.id != ticket.policy:
        raise PolicyUnfitError(ticket.policy, f"{newest.policy.id} has taken its place")
    if kept.policy.not_after_s < ticket.not_after_s:
        raise PolicyUnfitError(ticket.policy, "it ends before the ticket does: publish a new version, or shorten the ticket")
    lacking = kept.policy.required_cues - CUES_OF[ticket.mode]
    if lacking:
        cues = ", ".join(sorted(lacking))
        raise PolicyUnfitError(ticket.policy, f"it requires the cues {cues}, which the mode {ticket.mode.value} does not gather")
    proven = {calibration.reference_class for calibration in kept.policy.calibrations}
    for reference in ticket.references:
        if reference.reference_class not in proven:
            raise PolicyUnfitError(
                ticket.policy, f"it has no threshold for references of class {reference.reference_class.value}"
            )
    put_out_policy(transaction, ticket.unit, kept)
