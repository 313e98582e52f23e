"""The process that `lifecert soak` wears out: a unit at its post, with all of the product but the hardware and the centre.

Run by `python -m edge.commands.soak_unit FOLDER SPEED [MIRROR]`. It serves like `lifecert-edge serve` until SIGTERM; what the
board of each visit is like stands in FOLDER (edge/evaluate/soak/staged.py). After each turn it says so on stderr.
"""

from __future__ import annotations

import json
import logging
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

import edge.one_thread  # noqa: F401  # before numpy is loaded
from edge.config import Settings, UnitSettings
from edge.duty import DISK_ERRORS, stay_on_duty
from edge.evaluate.soak.staged import CAMERA, FastClock, Staging
from edge.health.storage import StorageLimits
from edge.log import log_to_stderr
from edge.panel.settings import PanelSettings
from edge.post import Options, Place, Post, open_post, opened_for_tickets
from edge.pulse import Pulse, unheard
from firmware.board import BoardKind
from firmware.clock import SystemClock
from firmware.errors import FirmwareError
from firmware.screen_settings import ScreenKind, ScreenSettings
from firmware.twin.parts import Recorder

STATE, GALLERY, SOCKET = "state", "gallery", "stage.sock"
ROOMY = StorageLimits(warn_percent=99.9, refuse_percent=99.95, reserve_mib=1)
"""How full the disk of this machine is, is no matter of the soak."""


def chosen_options(folder: Path, mirror: Path | None) -> Options:
    """A twin that asks for consent on a panel, beside a folder with its gallery and its camera."""
    unit = UnitSettings(board=BoardKind.TWIN, camera=f"folder:{folder / CAMERA}", state=folder / STATE, language="en", lamps="")
    screen, panel = ScreenSettings(kind=ScreenKind.PANEL), PanelSettings(socket=folder / SOCKET)
    return Options(Settings(unit=unit, screen=screen, panel=panel, storage=ROOMY), unit.camera, folder / GALLERY, mirror)


def main(folder: Path, speed: float, mirror: Path | None) -> None:
    """Serve until SIGTERM."""
    log_to_stderr(logging.WARNING)
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    chosen, pulse = chosen_options(folder, mirror), Pulse(unheard, time.monotonic)
    clock = FastClock(SystemClock(), speed)
    with open_post(chosen) as post:
        recorder = Recorder(SystemClock())
        staging = Staging(folder, post.facade.panel, clock, time.sleep, recorder)
        staged = replace(post, place=Place(post.place.parts, staging))
        may_pass = (*DISK_ERRORS, FirmwareError)
        stay_on_duty(lambda: _opened(chosen, staged, pulse), pulse, time.sleep, may_pass, post.front.ail)


@contextmanager
def _opened(chosen: Options, post: Post, pulse: Pulse) -> Iterator[Callable[[], None]]:
    with opened_for_tickets(chosen, post, pulse) as turn:

        def told_turn() -> None:
            turn()
            click.echo(json.dumps({"part": "unit", "what": "turned"}), err=True)

        yield told_turn


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None)
