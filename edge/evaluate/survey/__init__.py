"""Is a place fit for a unit? What its camera sees there by the hour, scored, with advice where to put it (R38, R39)."""
