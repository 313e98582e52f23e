"""Makes a vector file for a new profile. The released ones beside it are never made again: they must verify for ever.

Run as `python -m tests.wire.vectors.make FOLDER`; each file gets a key that is forgotten at once.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests import builders as a
from wire.codec import decode
from wire.envelope import Kind, seal, unverified_payload
from wire.keys import PrivateKey, certificate_der, public_der
from wire.policy import policy_payload
from wire.reasons import Reason
from wire.receipt import receipt_payload
from wire.result import BoardHeat, Verdict, result_payload
from wire.ticket import ticket_payload


def main(folder: Path) -> None:
    """Write results, tickets, the receipt and policies into a folder."""
    issuer, unit, centre = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    authority = issued(issuer, a.authority())
    certificate = issued(issuer, a.unit_certificate(public=unit.public_key()))
    attack = a.result(
        visit=None, verdict=Verdict.ATTACK, reasons=(Reason.SPOOF_SUSPECTED, Reason.TOO_DARK), likeness=None, liveness=()
    )
    supervised = a.result(likeness=a.SUPERVISED_LIKENESS)
    results = (
        ("result-v1.json", a.result()),
        ("result-v1-without-ticket.json", attack),
        ("result-v2.json", supervised),
        ("result-v3.json", a.result(substituted=True)),
        ("result-v4.json", a.result(consent=a.AGREED, heat=BoardHeat.WARM)),
    )
    for name, statement in results:
        result = seal(result_payload(statement), Kind.RESULT, a.KeySigner(unit, certificate_der(certificate)))
        write(folder / name, Kind.RESULT, result, unit, authority=certificate_der(authority).hex(), at_s=a.NOW_S)
    for name, ticket in (("ticket-v1.json", a.ticket()), ("ticket-v2.json", a.ticket(references=a.SEVERAL_REFERENCES))):
        write(folder / name, Kind.TICKET, seal(ticket_payload(ticket), Kind.TICKET, a.KeySigner(centre)), centre)
    write(folder / "receipt-v1.json", Kind.RECEIPT, seal(receipt_payload(a.receipt()), Kind.RECEIPT, a.KeySigner(centre)), centre)
    for name, policy in (
        ("policy-v1.json", a.policy()),
        ("policy-v2.json", a.policy(required_cues=a.CUES)),
        ("policy-v3.json", a.policy(substitution=True)),
    ):
        write(folder / name, Kind.POLICY, seal(policy_payload(policy), Kind.POLICY, a.KeySigner(centre)), centre)


def issued(issuer: PrivateKey, pattern: x509.Certificate) -> x509.Certificate:
    """The pattern, issued anew by a key that nobody keeps."""
    own = pattern.subject == pattern.issuer
    builder = x509.CertificateBuilder(
        pattern.issuer,
        pattern.subject,
        issuer.public_key() if own else pattern.public_key(),
        pattern.serial_number,
        extensions=list(pattern.extensions),
    )
    builder = builder.not_valid_before(pattern.not_valid_before_utc).not_valid_after(pattern.not_valid_after_utc)
    return builder.sign(issuer, hashes.SHA256())


def write(path: Path, kind: Kind, envelope: bytes, signer: PrivateKey, **more: Any) -> None:
    """Write one vector: the envelope, the public key and the claims in plain JSON."""
    payload = unverified_payload(envelope, kind)
    vector = {
        "kind": kind.value,
        "envelope": envelope.hex(),
        "public_key": public_der(signer.public_key()).hex(),
        **more,
        "claims": plain(decode(payload)),
    }
    path.write_text(json.dumps(vector, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def plain(value: Any) -> Any:
    """A value of CBOR as JSON can say it: bytes as {"hex": ...}, labels as text."""
    if isinstance(value, dict):
        return {str(label): plain(item) for label, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return {"hex": value.hex()} if isinstance(value, bytes) else value


if __name__ == "__main__":
    main(Path(sys.argv[1]))
