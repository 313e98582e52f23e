"""The example that verifies a result, run as its first lines say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.builders import UNIT, authority, result, unit_signer
from tests.conftest import REPOSITORY
from tests.edge.fleet import certificate_pem
from wire.envelope import Kind, seal
from wire.result import result_payload


def said_of(folder: Path, envelope: bytes, issuer: int = 100) -> str:
    """What the example prints."""
    (folder / "result.cose").write_bytes(envelope)
    (folder / "ca.pem").write_bytes(certificate_pem(authority(issuer)))
    program = [sys.executable, str(REPOSITORY / "examples" / "verify_a_result.py"), "result.cose", "ca.pem"]
    return subprocess.run(program, cwd=folder, capture_output=True, text=True, check=True, timeout=30).stdout.strip()


def test_a_result_of_the_fleet_is_verified(tmp_path: Path) -> None:
    envelope = seal(result_payload(result()), Kind.RESULT, unit_signer())

    assert said_of(tmp_path, envelope) == f"verified: {UNIT}, result 1, accepted"


def test_whatever_else_is_not(tmp_path: Path) -> None:
    envelope = seal(result_payload(result()), Kind.RESULT, unit_signer())
    other_unit = seal(result_payload(result(unit="unit-00018")), Kind.RESULT, unit_signer())
    flipped = envelope[:-1] + bytes([envelope[-1] ^ 1])

    said = [
        said_of(tmp_path, envelope, issuer=101),
        said_of(tmp_path, other_unit),
        said_of(tmp_path, flipped),
        said_of(tmp_path, b""),
    ]

    assert [line.partition(":")[0] for line in said] == ["not verified"] * 4
