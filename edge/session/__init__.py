"""The table of an attempt, and who speaks its events: states, gather, challenge; drawing makes docs/session.md of it."""
