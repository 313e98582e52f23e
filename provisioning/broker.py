"""Writes what mosquitto needs: its configuration, who may use which topic, its certificate and the revocation list.

The name in a client's certificate is its user name and its client id, so a unit reaches its own topics only, and cannot
push another one off by taking its client id.
"""

from __future__ import annotations

import json
import os
import pwd
import signal
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from provisioning.ca.issue import issue_server
from provisioning.ca.keys import new_key, write_key
from provisioning.ca.models import Authority
from provisioning.ca.transfer import pem
from provisioning.errors import BrokerFolderUnreachableError, BrokerUnreachableError, FileUnusableError
from provisioning.files import PRIVATE, PUBLIC, read_whole, write_whole
from wire.topics import ROOT

PROGRAM = "mosquitto"

_CONFIGURATION = """\
# Written by `lifecert-centre broker config`. Start it with: mosquitto -c {folder}/mosquitto.conf
per_listener_settings false
user {user}
pid_file {folder}/run/mosquitto.pid
log_dest stderr
log_type error
log_type warning
log_type notice
log_type information

# Units keep what has no receipt yet, so nothing here is the only copy: the queues are bounded, and may be lost.
{persistence}
max_inflight_messages 100
max_queued_messages 20000
max_queued_bytes 67108864
max_packet_size 65536
max_keepalive 300
persistent_client_expiration 1d
sys_interval 60

listener {port} {host}
cafile {folder}/ca.pem
certfile {folder}/broker.pem
keyfile {folder}/broker.key
crlfile {folder}/crl.pem
tls_version tlsv1.2
require_certificate true
use_identity_as_username true
use_username_as_clientid true
allow_anonymous false
acl_file {folder}/acl
"""

_ACCESS = f"""\
# Written by lifecert-centre; blocking a unit writes it anew. %u is the name in the certificate.
pattern write {ROOT}/%u/up/#
pattern read {ROOT}/%u/down/#
"""


@dataclass(frozen=True, slots=True)
class BrokerPlan:
    """Where and as whom the broker runs."""

    folder: Path
    host: str
    """Address to listen on; loopback unless an operator says otherwise."""
    port: int
    persistence: Path | None
    """Folder for messages that wait across a restart; None keeps them in memory."""
    user: str
    """The account that mosquitto changes to when it was started as root."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use the broker beyond the rule for units."""

    workers: Sequence[str]
    """Names of the consumers."""
    blocked: Iterable[str]
    """Units that may do nothing any more."""


def configuration(plan: BrokerPlan) -> str:
    """The text of mosquitto.conf."""
    kept = f"persistence true\npersistence_location {plan.persistence}/" if plan.persistence else "persistence false"
    return _CONFIGURATION.format(folder=plan.folder, user=plan.user, persistence=kept, port=plan.port, host=plan.host)


def access_list(access: Access) -> str:
    """The text of the file of access rules."""
    workers = [f"\nuser {name}\ntopic read {ROOT}/+/up/#\ntopic write {ROOT}/+/down/#\n" for name in access.workers]
    blocked = [f"\nuser {name}\ntopic deny #\n" for name in sorted(access.blocked)]
    return "".join([_ACCESS, *workers, *blocked])


def default_user() -> str:
    """mosquitto when we are root and such an account exists, else whoever we are."""
    try:
        return pwd.getpwnam(PROGRAM).pw_name if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


class BrokerFolder:
    """The folder of a broker's configuration. Keys in it are readable by the broker's account only."""

    def __init__(self, folder: Path, user: str) -> None:
        self._folder = folder
        self._account = _account(folder, user)

    def found(self, plan: BrokerPlan, authority: Authority, names: Sequence[str], bundle: bytes, at_s: int) -> None:
        """Write everything except the rules and the revocation list, with a new key.

        Raises `FileUnusableError`, or `BrokerFolderUnreachableError` when the broker's account cannot get here.
        """
        self._make(self._folder)
        self._make(self._folder / "run")
        _require_way(self._folder, self._account)
        self._own(self._folder / "run")
        if plan.persistence is not None:
            self._make(plan.persistence)
            self._own(plan.persistence)
        key = new_key()
        write_key(self._folder / "broker.key", key)
        self._folder.chmod(0o755)
        self._own(self._folder / "broker.key")
        certificate = issue_server(authority, names, key.public_key(), at_s)
        write_whole(self._folder / "broker.pem", pem([certificate, authority.certificate]), PUBLIC)
        write_whole(self._folder / "ca.pem", bundle, PUBLIC)
        write_whole(self._folder / "mosquitto.conf", configuration(plan).encode(), PUBLIC)

    def tell(self, access: Access, revocations: bytes) -> bool:
        """Write rules and revocation list and let a running broker read them; whether one is running.

        Raises `FileUnusableError` or `BrokerUnreachableError`.
        """
        write_whole(self._folder / "crl.pem", revocations, PUBLIC)
        write_whole(self._folder / "acl", access_list(access).encode(), PRIVATE)
        self._own(self._folder / "acl")
        return _hang_up(self._folder / "run" / "mosquitto.pid")

    def _make(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        except OSError as error:
            raise FileUnusableError(folder, error.strerror or "cannot be made") from error

    def _own(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, self._account.pw_uid, self._account.pw_gid)


def write_note(path: Path, folder: Path, user: str) -> None:
    """Remember where the broker's configuration is, so that a block reaches it."""
    write_whole(path, json.dumps({"folder": str(folder), "user": user}).encode(), PRIVATE)


def read_note(path: Path) -> BrokerFolder | None:
    """The folder that was remembered; None before `broker config`. `FileUnusableError` when the note is broken."""
    if not path.exists():
        return None
    try:
        note = json.loads(read_whole(path))
        return BrokerFolder(Path(note["folder"]), note["user"])
    except (ValueError, KeyError, TypeError) as error:
        raise FileUnusableError(path, "is not a note about a broker: run `lifecert-centre broker config` again") from error


def _hang_up(pid_file: Path) -> bool:
    """Send SIGHUP to the broker, but never to another program that has its old number."""
    try:
        pid = int(pid_file.read_text())
        if not _listens_to_hang_up(pid):
            return False
        os.kill(pid, signal.SIGHUP)
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return False
    except OSError as error:
        raise BrokerUnreachableError(error.strerror or str(error)) from error
    return True


def _listens_to_hang_up(pid: int) -> bool:
    """Whether this is a broker that has set up its signals: before that, SIGHUP would end it."""
    process = Path(f"/proc/{pid}")
    if (process / "comm").read_text().strip() != PROGRAM:
        return False
    caught = next(line for line in (process / "status").read_text().splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) & 1 << (signal.SIGHUP - 1))


def _account(folder: Path, user: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(user)
    except KeyError as error:
        raise BrokerFolderUnreachableError(folder, user) from error


def _require_way(folder: Path, account: pwd.struct_passwd) -> None:
    way = (folder, *folder.parents)
    if account.pw_uid != 0 and not all(_may_enter(step.stat(), account) for step in way):
        raise BrokerFolderUnreachableError(folder, account.pw_name)


def _may_enter(found: os.stat_result, account: pwd.struct_passwd) -> bool:
    if found.st_uid == account.pw_uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == account.pw_gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)
