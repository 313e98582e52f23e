"""`lifecert-install`: makes this board into a unit, or says why it cannot.

It reads its command line with argparse, unlike our other programs: click comes with the environment that it is about to make.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from edge.install.boards import BoardWord, Fit, judge
from edge.install.errors import BoardUnfitError, InstallError
from edge.install.facts import Facts, read_facts
from edge.install.kit import open_kit
from edge.install.plan import Wishes, make_plan
from edge.install.runner import Outcome, OwnHands, Runner, State, spoken

KIT = "/usr/lib/lifecert"
DONE, REFUSED, FAULT = 0, 1, 2
_EPILOG = """\
Ends with 0 when done, 1 when this board cannot be a unit, 2 on a usage error or a fault. It may be run again at any time: what is
done already is left alone, and it goes on where it was interrupted.

Examples:
  lifecert-install --dry-run
  lifecert-install --mirror /media/usb --wheels /media/usb/wheels
  lifecert-install --board twin --camera clip:/srv/visit.mp4
"""


def parser() -> argparse.ArgumentParser:
    """The words that the program knows."""
    made = argparse.ArgumentParser(
        "lifecert-install",
        description="Make this board into a unit: packages, users, environment, networks, services.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("--dry-run", action="store_true", help="Show what would be done, and change nothing.")
    made.add_argument("--json", action="store_true", help="Print one JSON document on stdout.")
    made.add_argument("--board", choices=[word.value for word in BoardWord], help="The board; without it, what it says it is.")
    made.add_argument("--camera", metavar="SPEC", help="The camera, as in the settings; without it, the one of the board.")
    made.add_argument("--mirror", metavar="DIR", help="Folder with the files of the networks, for a board without internet.")
    made.add_argument("--wheels", metavar="DIR", help="Folder with the Python packages, for a board without internet.")
    made.add_argument("--rounds", type=_rounds, default=30, metavar="N", help="Turns of the benchmark, 5 to 1000; 30 by default.")
    made.add_argument("--kit", default=KIT, metavar="DIR", help=f"What the package has laid down; {KIT} by default.")
    return made


def _rounds(word: str) -> int:
    if not word.isascii() or not word.isdigit() or not 5 <= int(word) <= 1000:
        raise argparse.ArgumentTypeError("must be a whole number from 5 to 1000")
    return int(word)


def main(words: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit status."""
    asked = parser().parse_args(words)
    try:
        wishes = Wishes(_absolute(asked.mirror), _absolute(asked.wheels), asked.rounds)
        facts = _facts()
        fit = judge(facts, BoardWord(asked.board) if asked.board else None, asked.camera)
        outcomes = _work(asked, facts, fit, wishes)
    except BoardUnfitError as error:
        return _fail(error, REFUSED, as_json=asked.json)
    except InstallError as error:
        return _fail(error, FAULT, as_json=asked.json)
    if asked.json:
        print(json.dumps(_document(fit, outcomes), ensure_ascii=False))
    else:
        _tell_outcome(facts, fit, outcomes)
    return DONE


def _facts() -> Facts:
    return read_facts(Path("/"), platform.machine(), shutil.which, lambda path: shutil.disk_usage(path).free, os.geteuid())


def _work(asked: argparse.Namespace, facts: Facts, fit: Fit, wishes: Wishes) -> list[Outcome]:
    steps = make_plan(facts, fit, open_kit(Path(asked.kit)), wishes)
    runner = Runner(OwnHands(os.environ), lambda line: print(line, file=sys.stderr, flush=True), time.monotonic)
    if asked.dry_run:
        return runner.look(steps)
    if not facts.root:
        raise InstallError("only root can install: run it with sudo, or look first with --dry-run")
    return runner.carry_out(steps)


def _absolute(folder: str | None) -> str | None:
    if folder is None:
        return None
    if not Path(folder).is_dir():
        raise InstallError(f"{folder} is no folder")
    return str(Path(folder).absolute())


def _document(fit: Fit, outcomes: Sequence[Outcome]) -> dict[str, object]:
    steps = [
        {
            "name": outcome.step.name,
            "state": outcome.state.value,
            "seconds": round(outcome.seconds, 1),
            "commands": [spoken(action) for action in outcome.step.actions],
        }
        for outcome in outcomes
    ]
    return {"board": fit.board.value, "camera": fit.camera, "python": fit.python, "steps": steps}


def _tell_outcome(facts: Facts, fit: Fit, outcomes: Sequence[Outcome]) -> None:
    print(f"board {fit.board.value} ({facts.model or facts.machine}, {facts.codename}), camera {fit.camera}, Python {fit.python}")
    for outcome in outcomes:
        print(f"{outcome.state.value:13} {outcome.step.name:12} {outcome.step.what}")
        if outcome.state is State.TO_DO:
            for action in outcome.step.actions:
                print(f"{'':13} {'':12}   {spoken(action)}")
    if all(outcome.state is not State.TO_DO for outcome in outcomes):
        print("next: enrol it (docs/operations/enrol-a-unit.md); look at it with sudo lifecert doctor")


def _fail(error: InstallError, status: int, *, as_json: bool) -> int:
    if as_json:
        code = type(error).__name__.removesuffix("Error")
        print(json.dumps({"error": {"code": code, "message": str(error)}}, ensure_ascii=False))
    else:
        print(f"{'refused' if status == REFUSED else 'error'}: {error}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
