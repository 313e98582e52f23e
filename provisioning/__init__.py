"""The centre: enrols units, sends them policies and tickets, takes in their results and keeps the ledger.

settings    what an operator can set, with bounds
layout      where the centre keeps its files
files       how it writes them: whole or not at all
clock       the time, as a part that is handed in
errors      everything that can be refused or can fail here
log         one line per event
db          transactions: the door to the database
audit       who did what to which unit
migrations  the shape of the database, step by step
ca          keys, certificates and the revocation list
devices     units, claims and their enrolment
tickets     permissions for one visit
cohorts     sealed references of a programme's people
calibration thresholds with their proof, computed from cohorts
policy      policies that are signed and sent to units, and the matchers they may name
ledger      the append-only book of results, its standing rules, its check and its page
outgoing    what waits to be published to a unit
revocation  carries a block to everyone who must know of it
broker      writes the configuration of mosquitto
mqtt        the connection to the broker
intake      what a batch of messages does to the database
consumer    takes results in and sends receipts and tickets out
ingest      the program that runs one consumer
auth        how a unit shows its claim
app         the two web applications: enrolment, and the page of the ledger
server      runs them in one process
tls         how the centre's programs show who they are
identities  makes the keys and certificates of a centre
founding    the assembler of `init`
centre      the assembler: builds every part exactly once
proving     the assembler of what computes and publishes thresholds
web         the assembler of the two web applications
console     what all commands share: options, output, exit status
commands    the commands, by subject
cli         `lifecert-centre`
"""
