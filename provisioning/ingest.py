"""The program `lifecert-ingest`: one consumer, until it is told to stop. Any number may run side by side."""

from __future__ import annotations

import signal
import threading

import click

from provisioning.centre import open_centre
from provisioning.console import Console, Program, answering


@click.command(cls=Program, epilog="Example: lifecert-ingest --worker 2")
@click.option("--worker", type=click.IntRange(1, 16), default=1, show_default=True, help="Which consumer this is.")
@answering
def main(console: Console, worker: int) -> None:
    """Take results in from the broker, answer with receipts, send tickets out."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    with open_centre(console.settings()) as centre:
        centre.consumer(worker).run(stop)


if __name__ == "__main__":
    main()
