"""The command of the demonstration; scripts/demo sets everything up and calls it."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import click

from demo.errors import DemoError, FolderInUseError
from demo.programs import our_programs
from demo.proof import Proven
from demo.show import Show
from demo.story import Account, Chain, open_chain, require_footage, require_weights, tell
from demo.visits import PLAN
from demo.words import Paint

GOOD, NOT_GOOD, FAULT = 0, 1, 2
LOOK_EVERY_S = 1.0


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per visit and a summary, one a line.")
@click.option("--stay", is_flag=True, help="Leave everything running until Ctrl-C, so that the ledger page can be looked at.")
@click.option(
    "--mirror",
    type=click.Path(path_type=Path),
    envvar="LIFECERT_MIRROR",
    metavar="DIR",
    help="Folder that holds models/ and data/. Without it: LIFECERT_MIRROR.",
)
@click.option("--keep", type=click.Path(path_type=Path), metavar="DIR", help="Work in this new folder and leave it behind.")
def main(as_json: bool, stay: bool, mirror: Path | None, keep: Path | None) -> None:
    """Show the whole chain on real footage: from a camera to a verified row of the ledger.

    A unit and a centre run as separate programs with keys of their own and a private broker on this machine. Ends with 0
    when every visit ended as planned and every row was verified, 1 when not, 2 when the demonstration could not run.

    \b
    Examples:
      scripts/demo
      scripts/demo --stay
      scripts/demo --json --mirror /media/usb
    """
    signal.signal(signal.SIGTERM, _interrupted)
    stream = sys.stderr if as_json else sys.stdout
    show = Show(stream, Paint(stream, os.environ.get("NO_COLOR", "")))
    try:
        good = _run(mirror, keep, show, as_json=as_json, stay=stay)
    except (DemoError, OSError) as error:
        _fail(error, as_json=as_json)
    except KeyboardInterrupt:
        click.echo("error: interrupted", err=True)
        sys.exit(FAULT)
    sys.exit(GOOD if good else NOT_GOOD)


def _run(mirror: Path | None, keep: Path | None, show: Show, *, as_json: bool, stay: bool) -> bool:
    show.heading("准备", "preparing")
    require_weights(our_programs({}), mirror)
    whole = require_footage(PLAN, mirror)
    with _folder(keep) as folder, open_chain(folder, whole, show) as chain:
        account = tell(chain, PLAN, show)
        show.table(account.proven)
        _conclude(account, show, as_json=as_json)
        if stay:
            _stay(chain, account, show)
    return account.good


def _conclude(account: Account, show: Show, *, as_json: bool) -> None:
    show.verdict(account.good, "全部如期，签名核对无误" if account.good else "有不符之处", _in_english(account))
    show.say(f"  账本页面 ledger page: {account.page}")
    if as_json:
        for row in account.proven:
            click.echo(json.dumps(_document(row), ensure_ascii=False))
        click.echo(json.dumps(_summary(account), ensure_ascii=False))


def _stay(chain: Chain, account: Account, show: Show) -> None:
    """Leave everything running until Ctrl-C or SIGTERM; a part that ends by itself is an error."""
    show.say(f"  按 Ctrl-C 结束 - everything keeps running until Ctrl-C: {account.page}")
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: over.set())
    while not over.wait(LOOK_EVERY_S):
        chain.stack.require_running()
        chain.unit.require_running()


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """A private folder, gone at the end unless it is to be kept."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="lifecert-demo-") as folder:
            yield Path(folder)
        return
    try:
        keep.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise FolderInUseError(str(keep), error.strerror or "cannot be made") from error
    yield keep.absolute()


def _in_english(account: Account) -> str:
    planned = sum(row.seen.as_planned for row in account.proven)
    verified = sum(row.verified for row in account.proven)
    ledger = f"{account.soundness.leaves} leaves, {'sound' if account.soundness.sound else 'NOT SOUND'}"
    return f"{planned} of {len(account.proven)} visits as planned, {verified} rows verified, ledger: {ledger}"


def _document(row: Proven) -> Mapping[str, object]:
    visit, outcome = row.seen.visit, row.seen.outcome
    return {
        "visit": visit.case,
        "title": {"zh": visit.zh, "en": visit.en},
        "verdict": outcome.verdict.value,
        "reasons": list(outcome.reasons),
        "expected": {"verdict": visit.verdict.value, "reason": visit.reason},
        "as_expected": row.seen.as_planned,
        "told": list(row.seen.told),
        "sequence": outcome.sequence,
        "result_id": outcome.result_id,
        "leaf": row.row.leaf,
        "standing": row.row.standing.value,
        "similarity": row.row.likeness.similarity if row.row.likeness else None,
        "threshold": row.row.likeness.threshold if row.row.likeness else None,
        "signature_checked": row.verified,
        "frames": outcome.frames,
        "cpu_ms_per_frame": outcome.cpu_ms_per_frame,
        "remark": visit.remark,
    }


def _summary(account: Account) -> Mapping[str, object]:
    return {
        "summary": {
            "visits": len(account.proven),
            "as_expected": sum(row.seen.as_planned for row in account.proven),
            "verified": sum(row.verified for row in account.proven),
            "leaves": account.soundness.leaves,
            "ledger_sound": account.soundness.sound,
            "page": account.page,
            "ok": account.good,
        }
    }


def _fail(error: DemoError | OSError, *, as_json: bool) -> NoReturn:
    if as_json:
        code = type(error).__name__.removesuffix("Error")
        click.echo(json.dumps({"error": {"code": code, "message": str(error)}}, ensure_ascii=False))
    else:
        click.echo(f"error: {error}", err=True)
    sys.exit(FAULT)


def _interrupted(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
