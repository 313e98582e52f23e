"""The command line of the unit, one file per command; `edge/cli.py` assembles them."""
