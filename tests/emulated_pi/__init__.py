"""Our lines of a Raspberry Pi on the real gpiozero, lgpio and gpiod, and on the kernel's own driver of its pins.

`scripts/emulated-pi` runs this, outside the usual tests, on a Raspberry Pi 3 that QEMU emulates. What is fitted, the lamps and
the process that keeps them are ours and unchanged; levels are read where an LED would take them from, at the registers.

look.py             the facts, and what cannot be told
machine.py          QEMU, seen from the host: its console and the registers of its pins
wires.py            which line does what
init.py             the first process in it: takes orders from the host, starts a unit and kills it
unit.py             a unit with everything that hangs on lines
"""
