"""Lays down the state of an enrolled unit with tickets to serve, photos and cameras, for scripts/boot-units.

usage: python -m tests.boot.made_up_unit DIR     with LIFECERT_MIRROR
The fleet is made up; photo and clip are two recordings of one person from the footage folder, and never leave this machine.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import time
from pathlib import Path

from demo.stills import take_still
from demo.visits import LIVE, REPLAY
from edge.durable_file import write_durably
from edge.spool.spool import open_spool
from edge.state_dir import KeyLabel, StateDir
from tests.builders import UNIT, key, ticket
from tests.edge.fleet import certificate_pem, key_pem, result_certificate
from tests.edge.spool_parts import sealed_ticket
from tests.edge.uplink.conftest import enrolled
from tests.fakes.noise import picture
from wire.policy import SHIPPED_POLICY
from wire.reference import Reference, ReferenceClass
from wire.result import Mode

RESULT_KEY = 2
LONG_FRAMES = 9_000
"""Five minutes: long enough to be stopped in the middle on any machine."""


def lay_down(folder: Path, mirror: Path) -> None:
    """Make `state`, `gallery`, `nobody` (a camera before which nobody appears) and `live.mp4` (one with a living person)."""
    state = StateDir(enrolled(folder / "state", 8883))
    write_durably(state.key(KeyLabel.RESULT), key_pem(key(RESULT_KEY)))
    write_durably(state.certificate(KeyLabel.RESULT), certificate_pem(result_certificate(UNIT, RESULT_KEY)))
    gallery = folder / "gallery"
    gallery.mkdir()
    take_still(mirror / REPLAY, 0.5, gallery / "photo.png")
    _put_ticket(state, gallery / "photo.png")
    _nobody(folder / "nobody")
    shutil.copy(mirror / LIVE, folder / "live.mp4")


def _put_ticket(state: StateDir, photo: Path) -> None:
    now_s = int(time.time())
    reference = Reference(hashlib.sha256(photo.read_bytes()).digest(), ReferenceClass.DOCUMENT)
    permission = ticket(
        issued_at_s=now_s, not_before_s=now_s, not_after_s=now_s + 80_000, policy=SHIPPED_POLICY, mode=Mode.PASSIVE,
        references=(reference,),
    )  # fmt: skip
    with open_spool(state.spool, lambda: now_s) as spool:
        spool.put_ticket(permission, sealed_ticket(permission))


def _nobody(folder: Path) -> None:
    folder.mkdir()
    picture(folder / "wall.png", 1)
    rows = (f"wall.png,{number * 33_333_333},?" for number in range(LONG_FRAMES))
    (folder / "frames.csv").write_text("file,captured_ns,light\n" + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    lay_down(Path(sys.argv[1]), Path(os.environ["LIFECERT_MIRROR"]))
