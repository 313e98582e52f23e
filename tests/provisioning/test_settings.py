"""Settings have bounds, unknown ones are errors, and each is told of in docs/operations/centre.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioning.errors import SettingInvalidError
from provisioning.settings import PREFIX, CentreSettings, read_settings
from wire.receipt import Standing

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations" / "centre.md"


def test_without_an_environment_the_defaults_hold() -> None:
    settings = read_settings()

    assert settings.data == Path("/var/lib/lifecert-centre")
    assert settings.database == "sqlite:////var/lib/lifecert-centre/centre.db"
    assert (settings.est_port, settings.page_host, settings.page_port) == (8443, "127.0.0.1", 8080)
    assert (settings.claim_lifetime_s, settings.claim_tries) == (72 * 3600, 5)
    assert (settings.tls_certificate_days, settings.result_certificate_days) == (90, 395)
    assert settings.unticketed is Standing.RECORDED


def test_the_environment_is_read_and_what_is_given_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(f"{PREFIX}DATA", "/elsewhere")
    monkeypatch.setenv(f"{PREFIX}EST_PORT", "9443")
    monkeypatch.setenv(f"{PREFIX}SERVER_NAMES", "centre.example, 192.0.2.7")
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", "postgresql+psycopg://centre@db/lifecert")

    settings = read_settings(data=tmp_path, page_port=0)

    assert (settings.data, settings.est_port, settings.page_port) == (tmp_path, 9443, 0)
    assert settings.server_names == ("centre.example", "192.0.2.7")
    assert settings.database == "postgresql+psycopg://centre@db/lifecert"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EST_PORT", "65536"),
        ("EST_PORT", "-1"),
        ("EST_PORT", "https"),
        ("BROKER_PORT", "0"),
        ("CLAIM_TRIES", "0"),
        ("CLAIM_LIFETIME_S", "10"),
        ("TLS_CERTIFICATE_DAYS", "4000"),
        ("SERVER_NAMES", ""),
        ("SERVER_NAMES", "a b"),
        ("BROKER_HOST", ""),
        ("INGEST_WORKERS", "99"),
        ("UNTICKETED", "final"),
        ("PAGE_HOST", "0.0.0.0"),  # noqa: S104 - refused, which is what is tested
        ("PAGE_HOST", "192.0.2.7"),
        ("PAGE_HOST", "::"),
        ("PAGE_HOST", "centre.example"),
        ("NO_SUCH_THING", "1"),
    ],
)
def test_a_value_out_of_range_or_an_unknown_name_is_an_error_that_names_the_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"{PREFIX}{name}", value)

    with pytest.raises(SettingInvalidError, match=f"{PREFIX}{name}"):
        read_settings()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_the_ledger_page_may_listen_on_loopback_only(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv(f"{PREFIX}PAGE_HOST", host)

    assert read_settings().page_host == host


def test_an_error_does_not_repeat_a_value_that_may_be_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}UNTICKETED", "hunter2")

    with pytest.raises(SettingInvalidError) as refused:
        read_settings()

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("name", CentreSettings.model_fields)
def test_each_setting_is_told_of_in_the_operations_page(name: str) -> None:
    assert f"`{PREFIX}{name.upper()}`" in PAGE.read_text(encoding="utf-8")
