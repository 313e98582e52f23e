"""The spool: where results, attempts, tickets and policies lie so that a power cut loses none of them (F1 to F10).

spool       `open_spool` and what the two programs do with it
policies    which policy counts, and that none is rolled back
rows        what lies in it, as values
database    the SQLite file: opening, checking, naming faults
head_note   a second note of the last sequence number
salvage     what a damaged spool still gives
ballast     disk space held back
"""
