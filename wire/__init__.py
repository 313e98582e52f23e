"""What crosses between unit and centre: pure data and signatures, the only room both sides know.

codec       deterministic CBOR, strict on the way in
keys        P-256 keys, ES256 with low-S, certificates of the fleet
envelope    COSE_Sign1: `seal` and `open_verified`
derive      bytes that follow from a nonce, for one purpose each (HKDF)
result      the statement that a unit signs about one attempt
reference   a picture on file, by digest and class
ticket      the permission for one visit, signed by the centre
policy      thresholds with their proof and the cues that are required, signed by the centre
receipt     the centre's signed answer that a result stands in the ledger
hello       what a unit says when it connects
telemetry   what it says of its condition now and then
condition   how a unit is, within both
reasons     every reason code, each with its category
enrolment   names, claims and addresses that both sides must spell alike
sealing     bytes for one reader only (HPKE)
cohort      the sealed file of references, without pictures, from which the centre computes thresholds
topics      the MQTT topics, one table
errors      what can be wrong with something that arrived
"""
