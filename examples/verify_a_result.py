"""Say whether a unit of the fleet signed a result, with nothing but the result (COSE bytes) and the fleet's certificates.

python examples/verify_a_result.py RESULT.cose CA.pem
"""

import sys
from pathlib import Path

from wire.envelope import Kind, open_certified, unverified_payload
from wire.errors import WireError
from wire.keys import read_certificates_pem
from wire.result import read_result


def main(result: Path, ca: Path) -> str:
    envelope, issuers = result.read_bytes(), read_certificates_pem(ca.read_bytes())
    try:
        signed_at_s = read_result(unverified_payload(envelope, Kind.RESULT)).clock.issued_at_s
        opened = open_certified(envelope, Kind.RESULT, issuers, signed_at_s)
    except WireError as error:
        return f"not verified: {error}"
    statement = read_result(opened.payload)
    if statement.unit != opened.unit:
        return "not verified: it speaks for another unit than the one that signed it"
    return f"verified: {opened.unit}, result {statement.sequence}, {statement.verdict.value}"


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), Path(sys.argv[2])))
