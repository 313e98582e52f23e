"""Where the centre keeps its files, relative to its one data folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class KeyPair:
    """The two files of an identity."""

    key: Path
    """Private key, PEM (PKCS#8), mode 0600."""
    certificate: Path
    """Certificate and, behind it, the issuing one where a peer needs it; PEM."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The data folder, mode 0700."""

    data: Path

    @property
    def database(self) -> Path:
        return self.data / "centre.db"

    @property
    def bundle(self) -> Path:
        """Root and issuing certificate, for handing out."""
        return self.data / "ca.pem"

    @property
    def revocations(self) -> Path:
        """The revocation list of the issuing CA, PEM."""
        return self.data / "crl.pem"

    @property
    def root(self) -> KeyPair:
        """Lies in a folder of its own, so that it can be carried away and kept offline."""
        return KeyPair(self.data / "root" / "root.key", self.data / "root" / "root.pem")

    @property
    def issuing(self) -> KeyPair:
        return KeyPair(self.data / "ca" / "issuing.key", self.data / "ca" / "issuing.pem")

    @property
    def server(self) -> KeyPair:
        return KeyPair(self.data / "server" / "server.key", self.data / "server" / "server.pem")

    @property
    def signing_key(self) -> Path:
        """The key that signs tickets and receipts."""
        return self.data / "signing" / "centre.key"

    @property
    def cohorts(self) -> Path:
        """The folder of sealed cohorts and their key, mode 0700."""
        return self.data / "cohorts"

    @property
    def cohort_key(self) -> Path:
        """The private key that opens cohorts; PEM (PKCS#8), mode 0600."""
        return self.cohorts / "cohort.key"

    @property
    def cohort_lock(self) -> Path:
        """Held while the key of cohorts is made, and while a cohort comes or goes."""
        return self.data / "cohorts.lock"

    def cohort(self, cohort_id: str) -> Path:
        """A sealed cohort, exactly as it was imported; mode 0600."""
        return self.cohorts / f"{cohort_id}.lcc"

    @property
    def revocation_lock(self) -> Path:
        """Held while the revocation list is written."""
        return self.data / "crl.lock"

    @property
    def broker_note(self) -> Path:
        """Where the broker's configuration was written, so that a block reaches it."""
        return self.data / "broker.json"

    def ingest(self, worker: int) -> KeyPair:
        """The TLS identity of a consumer, counted from 1."""
        return KeyPair(self.data / "ingest" / f"ingest-{worker}.key", self.data / "ingest" / f"ingest-{worker}.pem")
