"""Setting the centre up and running it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from provisioning.broker import BrokerPlan, default_user
from provisioning.centre import found_centre, open_centre
from provisioning.console import Answer, Console, answering
from provisioning.files import PUBLIC, write_whole
from provisioning.server import Bound, Door, serve
from provisioning.settings import CentreSettings


@click.command(
    epilog="Example: lifecert-centre init --data /srv/centre\n\n"
    "The file ca.pem in the data folder is what units are given to trust."
)
@answering
def init(console: Console) -> Answer:
    """Set the centre up: keys, certificates, database. Doing it again changes nothing but what is missing or old."""
    settings = console.settings()
    made = found_centre(settings)
    layout = settings.layout
    text = "\n".join([*(f"made: {name}" for name in made), f"ready; hand out {layout.bundle}"])
    return Answer(text, {"data": str(layout.data), "ca": str(layout.bundle), "made": list(made)})


@click.command("serve", epilog="Example: lifecert-centre serve --est-port 0 --page-port 0 --ready-file ready.json")
@click.option("--est-port", type=click.IntRange(0, 65535), help="Port of enrolment; 0 takes a free one.")
@click.option("--page-port", type=click.IntRange(0, 65535), help="Port of the ledger page; 0 takes a free one.")
@click.option("--ready-file", type=click.Path(path_type=Path), help="Written once both are open, with their addresses.")
@answering
def serve_command(console: Console, est_port: int | None, page_port: int | None, ready_file: Path | None) -> None:
    """Serve enrolment (EST over TLS) and the ledger page (this machine only) until stopped."""
    settings = console.settings(est_port, page_port)

    def ready(bound: list[Bound]) -> None:
        document = _addresses(settings, bound)
        if ready_file is not None:
            write_whole(ready_file.absolute(), json.dumps(document).encode(), PUBLIC)
        console.say(Answer(f"enrolment    {document['est']}\nledger page  {document['page']}", document))

    with open_centre(settings) as centre:
        doors = [
            Door(centre.enrolment_app(), settings.est_host, settings.est_port, centre.layout.server),
            Door(centre.ledger_app(), settings.page_host, settings.page_port, None),
        ]
        serve(doors, ready, centre.revocations.announce)


def _addresses(settings: CentreSettings, bound: list[Bound]) -> dict[str, object]:
    est, page = bound
    host = settings.server_names[0]
    return {
        "est": f"https://{_in_address(host)}:{est.port}",
        "est_port": est.port,
        "page": f"http://{_in_address(page.host)}:{page.port}/",
        "page_port": page.port,
    }


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@click.group()
def broker() -> None:
    """The MQTT broker."""


@broker.command(
    "config",
    epilog="Example: lifecert-centre broker config --port 8883 --out /etc/mosquitto/lifecert --listen 0.0.0.0\n\n"
    "Then: mosquitto -c /etc/mosquitto/lifecert/mosquitto.conf",
)
@click.option("--port", type=click.IntRange(1, 65535), required=True, help="Port to listen on.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write the configuration to.")
@click.option("--listen", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--persistence-dir", type=click.Path(path_type=Path), help="Keep waiting messages here across restarts.")
@click.option("--user", help="Account that mosquitto runs as (default: mosquitto as root, else yours).")
@answering
def broker_config(console: Console, port: int, out: Path, listen: str, persistence_dir: Path | None, user: str | None) -> Answer:
    """Write a configuration for mosquitto: mutual TLS, access rules per unit, revocation list."""
    persistence = persistence_dir.absolute() if persistence_dir else None
    plan = BrokerPlan(out.absolute(), listen, port, persistence, user or default_user())
    with open_centre(console.settings()) as centre:
        told = centre.found_broker(plan)
    file = plan.folder / "mosquitto.conf"
    document = {"configuration": str(file), "port": port, "user": plan.user, "broker": told.value}
    return Answer(f"written; start it with: mosquitto -c {file}", document)
