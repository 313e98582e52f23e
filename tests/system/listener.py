"""Listens to everything that units publish, with the identity of a second consumer."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from wire.topics import ROOT

WORKER = "ingest-2"


class Listener:
    """Remembers every message; paho's thread appends, and only the owner reads after the end."""

    def __init__(self, folder: Path) -> None:
        """For the private centre in this folder, whose broker is running."""
        configuration = (folder / "broker" / "mosquitto.conf").read_text()
        found = re.search(r"^listener (\d+)", configuration, re.MULTILINE)
        assert found, "the broker's configuration names no port"
        self._port = int(found[1])
        self._listening = threading.Event()
        self.messages: list[tuple[str, bytes]] = []
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=WORKER, protocol=MQTTProtocolVersion.MQTTv5)
        identity = folder / "centre" / "ingest" / WORKER
        self._client.tls_set(
            str(folder / "centre" / "ca.pem"), str(identity.with_suffix(".pem")), str(identity.with_suffix(".key"))
        )
        self._client.on_connect = lambda client, *_: client.subscribe(f"{ROOT}/+/up/#", qos=1)
        self._client.on_subscribe = lambda *_: self._listening.set()
        self._client.on_message = self._remember

    def __enter__(self) -> Self:
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        assert self._listening.wait(10), "the broker did not let us listen"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _remember(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self.messages.append((message.topic, bytes(message.payload)))
