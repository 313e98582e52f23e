"""Which policy counts: the newest of its name. None is rolled back, and none is changed under its id (F15).

A policy that was superseded is kept while it is valid, so that the unit can say what has taken its place.
"""

from __future__ import annotations

import hashlib
import sqlite3

from edge.errors import PolicyIdReusedError, PolicyOutdatedError
from edge.spool.rows import KeptPolicy
from wire.policy import Policy


def keep_policy(connection: sqlite3.Connection, policy: Policy, envelope: bytes) -> bool:
    """Within a transaction, keep a verified policy; False when these very bytes are kept already.

    Raises `PolicyIdReusedError` and `PolicyOutdatedError`. Number and time of issue must both go up.
    """
    name, number = _name_and_number(policy.id)
    digest = hashlib.sha256(envelope).digest()
    same = connection.execute("SELECT digest FROM policies WHERE policy_id = ?", (policy.id,)).fetchone()
    if same is not None:
        if same[0] != digest:
            raise PolicyIdReusedError(policy.id)
        return False
    newest = connection.execute(_NEWEST, (name,)).fetchone()
    if newest is not None and not (number > newest[1] and policy.issued_at_s >= newest[2]):
        raise PolicyOutdatedError(policy.id, newest[0])
    row = (policy.id, name, number, digest, envelope, policy.issued_at_s, policy.not_after_s)
    connection.execute("INSERT INTO policies VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    connection.execute(_FORGET, (name, number, policy.issued_at_s))
    return True


def kept_policy(connection: sqlite3.Connection, policy_id: str) -> KeptPolicy | None:
    """The policy with this id, and which of its name is the newest; None when it is not kept."""
    found = connection.execute("SELECT envelope, name FROM policies WHERE policy_id = ?", (policy_id,)).fetchone()
    if found is None:
        return None
    envelope, name = found
    newest, _, newest_at_s = connection.execute(_NEWEST, (name,)).fetchone()
    return KeptPolicy(policy_id, envelope, newest, newest_at_s)


_NEWEST = "SELECT policy_id, number, issued_at_s FROM policies WHERE name = ? ORDER BY number DESC LIMIT 1"
_FORGET = "DELETE FROM policies WHERE name = ? AND number < ? AND not_after_s < ?"
"""Old ones go by signed times, never by the unit's clock, and only when a newer one is there."""


def _name_and_number(policy_id: str) -> tuple[str, int]:
    name, _, number = policy_id.rpartition("/")
    return name, int(number)
