"""Builds values that several rooms test with: keys, certificates, signers and statements. All of it is made up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier

from wire.condition import UnitCondition
from wire.hello import Hello
from wire.keys import RESULT_SIGNING, Certificate, PrivateKey, PublicKey, certificate_der, sign_es256
from wire.policy import Calibration, Policy
from wire.reasons import Reason
from wire.receipt import Receipt, Standing
from wire.reference import Reference, ReferenceClass
from wire.result import (
    FIRST_PREVIOUS,
    Clock,
    ClockState,
    Consent,
    ConsentGiven,
    CueScore,
    DebugStatus,
    Likeness,
    Mode,
    ModelUse,
    ResultStatement,
    Verdict,
    Visit,
)
from wire.telemetry import Telemetry
from wire.ticket import Ticket

NOW_S = 1_800_000_000
"""15 January 2027, the present of every built value."""

YEAR_S = 365 * 86_400
UNIT = "unit-00017"

CUES = frozenset({"code", "relief"})
"""What a policy may require."""
SUPERVISED_LIKENESS = Likeness(7421, 5000, ReferenceClass.SUPERVISED)
SEVERAL_REFERENCES = (Reference(b"\x0e" * 32, ReferenceClass.DOCUMENT), Reference(b"\x0d" * 32, ReferenceClass.SUPERVISED))


@cache
def key(number: int = 1) -> PrivateKey:
    """A throw-away P-256 key, the same for the same number."""
    return ec.derive_private_key(0x5EED_0000 + number, ec.SECP256R1())


@dataclass(frozen=True, slots=True)
class KeySigner:
    """A signer whose key lies open: for tests only."""

    private: PrivateKey
    certificate: bytes | None = None

    @property
    def public_key(self) -> PublicKey:
        return self.private.public_key()

    def sign(self, message: bytes) -> bytes:
        return sign_es256(self.private, message)


@cache
def authority(number: int = 100, name: str = "fleet", *, is_ca: bool = True) -> Certificate:
    """A self-signed certificate of an issuer with `key(number)`."""
    builder = _certificate(name, name, key(number).public_key(), 1)
    builder = builder.add_extension(x509.BasicConstraints(is_ca, None), critical=True)
    return builder.sign(key(number), hashes.SHA256())


def unit_certificate(
    unit: str = UNIT,
    number: int = 1,
    issuer: int = 100,
    issuer_name: str = "fleet",
    uses: Sequence[ObjectIdentifier] = (RESULT_SIGNING,),
    public: Any = None,
) -> Certificate:
    """A certificate for `key(number)` of a unit, issued by `authority(issuer)`; `public` certifies another key instead."""
    builder = _certificate(unit, issuer_name, public or key(number).public_key(), 4242)
    if uses:
        builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
    return builder.sign(key(issuer), hashes.SHA256())


def unit_signer(unit: str = UNIT, number: int = 1) -> KeySigner:
    """The result key of a unit, with its certificate."""
    return KeySigner(key(number), certificate_der(unit_certificate(unit, number)))


def _certificate(subject: str, issuer: str, public: PublicKey, serial: int) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(public)
        .serial_number(serial)
        .not_valid_before(datetime.fromtimestamp(NOW_S - YEAR_S, UTC))
        .not_valid_after(datetime.fromtimestamp(NOW_S + YEAR_S, UTC))
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def result(**changes: Any) -> ResultStatement:
    """An accepted result of a visit with a ticket, with changes."""
    accepted = ResultStatement(
        unit=UNIT,
        result_id=bytes(range(16)),
        sequence=1,
        previous=FIRST_PREVIOUS,
        clock=Clock(NOW_S, ClockState.SYNCED, 2, 3600, 9, b"\x0b" * 32),
        visit=Visit("case-2027-0001", "subject-7f3a", b"\x0c" * 32, "pension-2027/3"),
        verdict=Verdict.ACCEPTED,
        reasons=(),
        mode=Mode.ACTIVE,
        likeness=Likeness(7421, 5300),
        liveness=(CueScore("action", 10_000, 5000), CueScore("texture", 9312, 4000)),
        models=(ModelUse("embed", b"\x01" * 32), ModelUse("detect", b"\x02" * 32)),
        frames=87,
        software="lifecert 0.1.0",
        config_digest=b"\x0d" * 32,
        debug=DebugStatus.DISABLED,
    )
    return replace(accepted, **changes)


AGREED = Consent("lifecert-consent/1", "zh-CN", ConsentGiven.TOUCH, NOW_S - 30)
"""What a visitor agreed to before the unit looked."""


def refused(*reasons: Reason, **changes: Any) -> ResultStatement:
    """A refused result with these reasons."""
    return result(verdict=Verdict.REFUSED, reasons=reasons or (Reason.FACE_MISMATCH,), **changes)


def ticket(**changes: Any) -> Ticket:
    """A ticket that is valid for the day around `NOW_S`, with changes."""
    today = Ticket(
        unit=UNIT,
        case="case-2027-0001",
        subject="subject-7f3a",
        nonce=b"\x0c" * 32,
        issued_at_s=NOW_S - 7200,
        not_before_s=NOW_S - 3600,
        not_after_s=NOW_S + 82_800,
        policy="pension-2027/3",
        mode=Mode.ACTIVE,
        references=(Reference(b"\x0e" * 32, ReferenceClass.DOCUMENT),),
    )
    return replace(today, **changes)


def receipt(**changes: Any) -> Receipt:
    """The receipt of `result()`, with changes."""
    final = Receipt(UNIT, bytes(range(16)), b"\x0f" * 32, 41, Standing.FINAL, NOW_S + 5)
    return replace(final, **changes)


def hello(**changes: Any) -> Hello:
    """What a unit with three waiting results says, with changes."""
    return replace(Hello(UNIT, "lifecert 0.1.0", 12, 3, 5), **changes)


def condition(**changes: Any) -> UnitCondition:
    """How a unit with a dirty lens is, with changes."""
    dirty = UnitCondition("degraded", Reason.LENS_DIRTY, ("lens_dirty",), None, frozenset(), 5000, ClockState.SYNCED)
    return replace(dirty, **changes)


def telemetry(**changes: Any) -> Telemetry:
    """What it says of that, with changes."""
    return replace(Telemetry(UNIT, NOW_S, condition()), **changes)


def calibration(**changes: Any) -> Calibration:
    """A calibration that supports one false match in a thousand, with changes."""
    proven = Calibration(
        matcher="face-reid",
        model_digest=b"\x01" * 32,
        runtime="onnxruntime 1.20.1",
        reference_class=ReferenceClass.DOCUMENT,
        population="pensioners of 60 and more",
        threshold_x10000=5300,
        review_from_x10000=4400,
        claimed_fmr_x1e9=1_000_000,
        false_matches=60,
        comparisons=124_750,
        persons=500,
        fmr_low_x1e9=350_000,
        fmr_high_x1e9=640_000,
        calibrated_at_s=NOW_S - 86_400,
    )
    return replace(proven, **changes)


def policy(**changes: Any) -> Policy:
    """A policy with two calibrations, valid for the year around `NOW_S`, with changes."""
    supervised = calibration(reference_class=ReferenceClass.SUPERVISED, threshold_x10000=5000, review_from_x10000=4200)
    published = Policy(
        id="pension-2027/3",
        programme="Pensions of the city",
        issued_at_s=NOW_S - 7200,
        not_before_s=NOW_S - 7200,
        not_after_s=NOW_S + YEAR_S,
        calibrations=(calibration(), supervised),
    )
    return replace(published, **changes)
