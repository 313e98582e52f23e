"""Reading and checking the ledger."""

from __future__ import annotations

import base64

import click

from provisioning.centre import Centre, open_centre
from provisioning.clock import written
from provisioning.console import DONE, REFUSED, Answer, Console, answering
from provisioning.ledger.page import LedgerRow


@click.group()
def ledger() -> None:
    """The append-only book of results."""


@ledger.command("list", epilog="Example: lifecert-centre ledger list --json --most 20")
@click.option("--from", "first", type=click.IntRange(0), default=0, help="First leaf to list.")
@click.option("--most", type=click.IntRange(1, 100_000), default=1000, show_default=True, help="Rows to list at most.")
@answering
def ledger_list(console: Console, first: int, most: int) -> Answer:
    """List the ledger in order, checking each row."""
    with open_centre(console.settings()) as centre:
        rows = centre.ledger_reader.rows(first, most)
    following = rows[-1].leaf + 1 if len(rows) == most else None
    lines = [*map(_line, rows), *([f"more with --from {following}"] if following is not None else [])]
    return Answer("\n".join(lines) or "none", {"rows": [_document(row) for row in rows], "next": following})


@ledger.command("verify", epilog="Example: lifecert-centre ledger verify && echo sound")
@answering
def ledger_verify(console: Console) -> Answer:
    """Recompute every leaf from its exact bytes; exit 1 and name each leaf that is not as it was written."""
    with open_centre(console.settings()) as centre:
        return _verify(centre)


def _verify(centre: Centre) -> Answer:
    report = centre.ledger_check.run()
    faults = [{"leaf": fault.leaf, "what": fault.what} for fault in report.faults]
    lines = [f"leaf {fault.leaf}: {fault.what}" for fault in report.faults]
    lines.append(f"{report.leaves} leaves, {len(faults)} faults")
    status = REFUSED if faults else DONE
    return Answer("\n".join(lines), {"leaves": report.leaves, "sound": not faults, "faults": faults}, status)


def _line(row: LedgerRow) -> str:
    scores = "" if row.similarity is None or row.threshold is None else f"  {row.similarity}/{row.threshold}"
    signature = "signature checked" if row.checked else "NOT AS IT WAS SIGNED"
    reasons = " ".join(row.reasons) or "-"
    return (
        f"{row.leaf:>6}  {row.unit} #{row.sequence}  {row.case or '-'}  {row.verdict}  {reasons}  {row.standing.value}"
        f"{scores}  {written(row.received_at_s)}  {signature}"
    )


def _document(row: LedgerRow) -> dict[str, object]:
    return {
        "leaf": row.leaf,
        "unit": row.unit,
        "sequence": row.sequence,
        "case": row.case,
        "subject": row.subject,
        "verdict": row.verdict,
        "reasons": list(row.reasons),
        "standing": row.standing.value,
        "cause": row.cause.value,
        "similarity": row.similarity,
        "threshold": row.threshold,
        "received_at": written(row.received_at_s),
        "result_id": row.result_id.hex(),
        "envelope_sha256": row.envelope_sha256.hex(),
        "signature_checked": row.checked,
        "token": base64.urlsafe_b64encode(row.envelope).rstrip(b"=").decode(),
    }
