"""What an operator of the centre can set: environment variables that begin with LIFECERT_CENTRE_, each with bounds."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from provisioning.errors import SettingInvalidError
from provisioning.layout import Layout
from wire.receipt import Standing

PREFIX = "LIFECERT_CENTRE_"

Port = Annotated[int, Field(ge=0, le=65535)]
Host = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9.:-]+$")]


class CentreSettings(BaseSettings):
    """The settings of one run. Read once, then frozen."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    data: Path = Path("/var/lib/lifecert-centre")
    """Folder of keys, certificates and, by default, the database."""
    database_url: str | None = None
    """SQLAlchemy address, for example postgresql+psycopg://user@host/name; by default SQLite in the data folder."""
    est_host: Host = "0.0.0.0"  # noqa: S104 - units reach the centre from outside; TLS and claims guard the door
    """Address on which enrolment listens, over TLS."""
    est_port: Port = 8443
    """Port of enrolment; 0 takes a free one."""
    page_host: Host = "127.0.0.1"
    """Address of the ledger page, loopback only because the page has no login."""
    page_port: Port = 8080
    """Port of the ledger page; 0 takes a free one."""
    server_names: Annotated[tuple[Host, ...], NoDecode] = ("localhost", "127.0.0.1")
    """DNS names and IP addresses in the centre's own certificates, separated by commas."""
    broker_host: Host = "localhost"
    """Name of the broker, told to units at enrolment and used by ingest."""
    broker_port: Annotated[int, Field(ge=1, le=65535)] = 8883
    """Port of the broker, told to units at enrolment and used by ingest."""
    claim_lifetime_s: Annotated[int, Field(ge=60, le=30 * 86_400)] = 72 * 3600
    """How long a claim may be used, in seconds."""
    claim_tries: Annotated[int, Field(ge=1, le=100)] = 5
    """Wrong claims for a serial number after which its claim is dead."""
    tls_certificate_days: Annotated[int, Field(ge=1, le=398)] = 90
    """Lifetime of a unit's TLS certificate."""
    result_certificate_days: Annotated[int, Field(ge=1, le=1100)] = 395
    """Lifetime of a unit's result-signing certificate: 13 months."""
    ingest_workers: Annotated[int, Field(ge=1, le=16)] = 2
    """Consumers that get an identity for the broker."""
    unticketed: Standing = Standing.RECORDED
    """What becomes of a result without a ticket: recorded or quarantined."""

    @field_validator("server_names", mode="before")
    @classmethod
    def _split_names(cls, value: object) -> object:
        return tuple(name.strip() for name in value.split(",") if name.strip()) if isinstance(value, str) else value

    @field_validator("server_names")
    @classmethod
    def _some_name(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("at least one name is needed")
        return value

    @field_validator("page_host")
    @classmethod
    def _only_loopback(cls, value: str) -> str:
        if not is_loopback(value):
            raise ValueError("the ledger page has no login, so only a loopback address such as 127.0.0.1 is allowed")
        return value

    @field_validator("unticketed")
    @classmethod
    def _only_cautious(cls, value: Standing) -> Standing:
        if value not in (Standing.RECORDED, Standing.QUARANTINED):
            raise ValueError("only recorded or quarantined is allowed")
        return value

    @property
    def layout(self) -> Layout:
        """Where the files lie."""
        return Layout(self.data)

    @property
    def database(self) -> str:
        """The address of the database that is in use."""
        return self.database_url or f"sqlite:///{self.layout.database}"


def is_loopback(host: str) -> bool:
    """Whether an address can only be reached from this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_settings(data: Path | None = None, est_port: int | None = None, page_port: int | None = None) -> CentreSettings:
    """Read the settings from the environment; what is given here wins.

    Raises `SettingInvalidError` for an unknown name or a value out of range; the value itself is not repeated,
    because an address of a database may hold a password.
    """
    _refuse_unknown(os.environ)
    given = {"data": data, "est_port": est_port, "page_port": page_port}
    try:
        return CentreSettings.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "_".join(str(part) for part in first["loc"][:1])
        raise SettingInvalidError(f"{PREFIX}{name.upper()}", first["msg"]) from None


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    known = {f"{PREFIX}{name.upper()}" for name in CentreSettings.model_fields}
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known:
            raise SettingInvalidError(name, "unknown; docs/operations/centre.md lists the settings")
