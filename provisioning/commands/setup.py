"""Setting the centre and its broker up."""

from __future__ import annotations

from pathlib import Path

import click

from provisioning.broker import BrokerPlan, default_user
from provisioning.centre import open_centre
from provisioning.console import Answer, Console, answering
from provisioning.founding import found_centre


@click.command(epilog="Example: lifecert-centre init --data /srv/centre")
@answering
def init(console: Console) -> Answer:
    """Set the centre up: keys, certificates, database. Doing it again changes nothing but what is missing or old.

    The file ca.pem in the data folder is what units are given to trust.
    """
    settings = console.settings()
    made = found_centre(settings)
    layout = settings.layout
    text = "\n".join([*(f"made: {name}" for name in made), f"ready; hand out {layout.bundle}"])
    return Answer(text, {"data": str(layout.data), "ca": str(layout.bundle), "made": list(made)})


@click.group()
def broker() -> None:
    """The MQTT broker."""


@broker.command(
    "config",
    epilog="Example: lifecert-centre broker config --port 8883 --out /etc/mosquitto/lifecert --listen 0.0.0.0",
)
@click.option("--port", type=click.IntRange(1, 65535), required=True, help="Port to listen on.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write the configuration to.")
@click.option("--listen", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--persistence-dir", type=click.Path(path_type=Path), help="Keep waiting messages here across restarts.")
@click.option("--user", help="Account that mosquitto runs as (default: mosquitto as root, else yours).")
@answering
def broker_config(console: Console, port: int, out: Path, listen: str, persistence_dir: Path | None, user: str | None) -> Answer:
    """Write a configuration for mosquitto: mutual TLS, access rules per unit, revocation list.

    Start the broker with `mosquitto -c DIR/mosquitto.conf`. Running this again makes a new key: restart the broker then.
    """
    persistence = persistence_dir.absolute() if persistence_dir else None
    plan = BrokerPlan(out.absolute(), listen, port, persistence, user or default_user())
    with open_centre(console.settings()) as centre:
        told = centre.found_broker(plan)
    file = plan.folder / "mosquitto.conf"
    document = {"configuration": str(file), "port": port, "user": plan.user, "broker": told.value}
    return Answer(f"written; start it with: mosquitto -c {file}", document)
