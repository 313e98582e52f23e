"""Which line does what on the emulated Raspberry Pi: known to the unit in it and to the host that reads its registers.

The lines are those of `docs/operations/wiring.md`. Its LED has a common anode, so that both senses of a line are tried.
"""

WIRES = {
    "left": 18,
    "right": 19,
    "visible": 17,
    "top": 27,
    "led_red": 22,
    "led_green": 23,
    "led_blue": 24,
    "buzzer": 20,
    "button": 26,
    "tamper": 16,
}
"""Function -> number of the line."""
LEDS = frozenset({"led_red", "led_green", "led_blue"})
ACTIVE_LOW = LEDS | {"button"}
"""On, or pressed, where their line is low."""
