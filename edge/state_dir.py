"""Where the unit keeps what must survive a reboot: one folder, one table of names."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from edge.errors import FileNotDurableError

PRIVATE_FOLDER = 0o700


class KeyLabel(StrEnum):
    """What a key is for; one key never serves two purposes (a stolen TLS key must not sign results)."""

    RESULT = "result"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class StateDir:
    """The names in a state directory; that a name is here does not say that the file exists."""

    root: Path

    @property
    def keys(self) -> Path:
        """Private keys, one PEM file per label, folder mode 0700."""
        return self.root / "keys"

    @property
    def certificates(self) -> Path:
        """Certificates of the unit, one PEM file per label."""
        return self.root / "certs"

    def key(self, label: KeyLabel) -> Path:
        """The private key of that label, PEM, where keys are files."""
        return self.keys / f"{label.value}.pem"

    def certificate(self, label: KeyLabel) -> Path:
        """The certificate for the key of that label, PEM."""
        return self.certificates / f"{label.value}.pem"

    @property
    def ca(self) -> Path:
        """The pinned certificates of the fleet, PEM."""
        return self.certificates / "ca.pem"

    @property
    def centre(self) -> Path:
        """Keys of the centre and address of its broker, JSON; written last: its presence means enrolled."""
        return self.root / "centre.json"

    @property
    def spool(self) -> Path:
        """Results that wait for their receipts, and tickets that wait for their visit."""
        return self.root / "spool.db"

    @property
    def clock(self) -> Path:
        """What the unit remembers about time."""
        return self.root / "clock.json"

    @property
    def lens(self) -> Path:
        """What the last visits showed of the lens, JSON."""
        return self.root / "lens.json"

    @property
    def tries(self) -> Path:
        """Who failed how often in a row, by the hash of a pseudonym, JSON."""
        return self.root / "tries.json"

    @property
    def lamps(self) -> Path:
        """What the last visits showed of the lamps, JSON."""
        return self.root / "lamps.json"

    @property
    def volume(self) -> Path:
        """How loud an operator wants the unit to speak, per cent as text."""
        return self.root / "volume"

    @property
    def condition(self) -> Path:
        """How the unit is, as `lifecert-edge` last noted it for the uplink: a telemetry statement."""
        return self.root / "condition.cbor"

    @property
    def heard(self) -> Path:
        """When the uplink last heard the centre, Unix seconds by the unit's clock, as text."""
        return self.root / "heard"

    @property
    def models(self) -> Path:
        """Which files of the networks run on this board, JSON."""
        return self.root / "models.json"

    def prepare(self) -> None:
        """Make the folders, readable by their owner alone."""
        try:
            for folder in (self.root, self.keys, self.certificates):
                folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        except OSError as error:
            raise FileNotDurableError(self.root.name, error.strerror or type(error).__name__) from error
