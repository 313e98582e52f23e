"""Looks at our parts on an emulated Raspberry Pi, and says one fact a line: `python -m tests.emulated_pi.look BASE QEMU...`.

BASE is the address of the registers of its pins; QEMU's last word is what the kernel is told. Ends with 1 when a fact does not
hold.
"""

from __future__ import annotations

import signal
import sys
import time

from tests.emulated_pi.machine import EmulatedPi, MachineSilentError
from tests.emulated_pi.wires import LEDS, WIRES

STAY = "pinctrl_bcm2835.persist_gpio_outputs"
"""Told to the kernel: 1 leaves a line as it was when its process dies. Raspberry Pi OS does so, unless strict_gpiod is set."""
LIVES_S = 300.0
LONG_MS, SHORT_MS = 60_000, 4_000
SOON_S = 5.0
"""Far more than a line needs, also where the machine that emulates is busy, and far less than a lamp may shine."""

UNTOLD = (
    "whether lamps on hardware PWM are dimmed and go dark: QEMU has no PWM",
    "whether a press of the button and an opened housing arrive, and whether pull-ups hold: QEMU has no inputs",
    "camera, screen, loudspeaker and watchdog: QEMU has none of them",
    "how fast anything is, and whether a line flickers for less than a look of the host",
    "a Raspberry Pi 5 or a Jetson: QEMU has no such machine",
)


class Facts:
    """Says facts, and counts those that do not hold."""

    def __init__(self) -> None:
        self.failed, self._began_s = 0, time.monotonic()

    def equal(self, sentence: str, seen: object, wanted: object) -> None:
        """It holds when both are equal."""
        self.holds(sentence, seen == wanted, f"seen {shown(seen)}, wanted {shown(wanted)}")

    def said(self, sentence: str, said: str, *parts: str) -> None:
        """It holds when all parts were said."""
        self.holds(sentence, all(part in said for part in parts), f"it says: {said}")

    def obeyed(self, pi: EmulatedPi, order: str) -> None:
        """Give an order to the unit; only where it is not obeyed there is something to say."""
        if (said := pi.ask(order)) != "ready":
            self.holds(f"the unit obeys {order!r}", False, f"it says: {said}")

    def untold(self) -> None:
        """What somebody must look at on a real board."""
        for what in UNTOLD:
            sys.stdout.write(f"?    cannot be told here: {what}\n")

    def holds(self, sentence: str, held: bool, seen: str) -> None:
        """One line."""
        after = f"({time.monotonic() - self._began_s:.0f} s)"
        self.failed += not held
        sys.stdout.write(f"ok   {sentence} {after}\n" if held else f"BAD  {sentence}: {seen} {after}\n")
        sys.stdout.flush()


def shown(value: object) -> str:
    """A set of functions reads as its words, and one of such sets as what was seen one moment or another."""
    if not isinstance(value, (set, frozenset)):
        return repr(value)
    if value and all(isinstance(each, frozenset) for each in value):
        return " or ".join(sorted(map(shown, value)))
    return " ".join(sorted(value)) or "nothing"


def boots(pi: EmulatedPi, facts: Facts, stay: bool) -> None:
    """It is what we think it is."""
    about = pi.ask("about")
    facts.said(f"the machine is up: {about}", about, "Raspberry Pi", "3f200000.gpio", "aarch64")
    if stay:
        facts.said(
            "lines stay as they were when their process dies: Raspberry Pi OS without strict_gpiod", about, "lines stay: Y"
        )
    else:
        facts.said("lines become inputs when their process dies, as with dtparam=strict_gpiod", about, "lines stay: N")


def unit(driver: str, chip: str = "gpiochip0", folder: str = "/run", longest_on_ms: int = LONG_MS) -> str:
    """The order that starts one."""
    return f"unit {driver} {chip} {folder} {longest_on_ms}"


def parts_obey(pi: EmulatedPi, facts: Facts, driver: str) -> None:
    """Everything goes on and off at the registers."""
    facts.equal(f"{driver}: every part of a unit opens", pi.ask(unit(driver)), "ready")
    pins = pi.pins()
    inputs = {"button", "tamper"}
    facts.equal(f"{driver}: button and tamper switch are inputs, everything else is driven",
                {function for function, line in WIRES.items() if not pins.driven(line)}, inputs)  # fmt: skip
    facts.equal(f"{driver}: nothing is on before it is told to", set(pins.on), set())
    for word, lit in (("L", {"left"}), ("RV", {"right", "visible"}), ("LRVT", {"left", "right", "visible", "top"}), ("0", set())):
        facts.obeyed(pi, f"shine {word}")
        facts.equal(f"{driver}: of the lamps shine {' and '.join(sorted(lit)) or 'none'} for {word!r}", pi.pins().on, lit)
    facts.obeyed(pi, "show HOLD_STILL")
    facts.equal(f"{driver}: the LED is white for HOLD_STILL",
                pi.becomes(LEDS, SOON_S), LEDS)  # fmt: skip
    for colour, pattern in (("red", "FAULT"), ("blue", "WAIT")):
        facts.obeyed(pi, f"show {pattern}")
        facts.equal(f"{driver}: the LED turns {colour} for {pattern}", pi.becomes({f"led_{colour}"}, SOON_S), {f"led_{colour}"})
    facts.obeyed(pi, "show DONE")
    facts.equal(f"{driver}: the LED turns green for DONE", pi.becomes({"led_green"}, SOON_S), {"led_green"})
    facts.equal(f"{driver}: and blinks in nothing but green", pi.seen(3.5), {frozenset({"led_green"}), frozenset()})
    facts.obeyed(pi, "show OFF")
    facts.equal(f"{driver}: the LED goes out", pi.becomes(set(), SOON_S), set())
    facts.obeyed(pi, "play REFUSED")
    facts.equal(f"{driver}: the buzzer sounds", pi.becomes({"buzzer"}, SOON_S), {"buzzer"})
    facts.equal(f"{driver}: and falls silent", pi.becomes(set(), SOON_S), set())
    facts.equal(f"{driver}: no part has a fault", pi.ask("faults"), "ready")


def lamps_go_dark(pi: EmulatedPi, facts: Facts, driver: str) -> None:
    """However a unit or its keeper ends. Begins with a unit that is there."""
    lit = {"left", "visible"}
    facts.obeyed(pi, "shine LV")
    facts.obeyed(pi, "show HOLD_STILL")
    facts.equal(f"{driver}: two lamps and the LED shine", pi.becomes(lit | LEDS, SOON_S), lit | LEDS)
    second = pi.ask(unit(driver).replace("unit", "second"))
    facts.said(
        f"{driver}: a second unit is refused its lines, and is told what to look at",
        second,
        *(f"{part}: PinLostError: " for part in ("led", "buzzer", "button", "tamper")),
        "illuminator: LampLostError: ",
        "busy" if driver == "gpiozero" else "another driver or program holds the line",
        "gpioinfo",
    )
    facts.equal(f"{driver}: and disturbs nothing", pi.pins().on, lit | LEDS)
    facts.obeyed(pi, "show OFF")
    facts.equal(f"{driver}: the first one can still switch its LED off", pi.becomes(lit, SOON_S), lit)
    facts.equal(f"{driver}: the unit is killed by SIGKILL", pi.ask("kill unit"), "done")
    facts.equal(f"{driver}: and its lamps are dark", pi.becomes(set(), SOON_S), set())
    facts.equal(f"{driver}: another unit can have all lines", pi.ask(unit(driver)), "ready")
    facts.obeyed(pi, "shine LV")
    facts.equal(f"{driver}: its lamps shine", pi.pins().on, lit)
    facts.equal(f"{driver}: the process that keeps them is killed by SIGKILL", pi.ask("kill keeper"), "done")
    facts.equal(f"{driver}: and another one makes them dark", pi.becomes(set(), 30.0), set())
    facts.said(f"{driver}: whoever wants light then is told that nobody keeps the lamps", pi.ask("shine L"), "LampLostError")
    facts.equal(f"{driver}: nothing shines", pi.pins().on, set())


def lamps_go_dark_in_time(pi: EmulatedPi, facts: Facts, driver: str) -> None:
    """Also where the unit hangs."""
    facts.equal(
        f"{driver}: a unit whose lamps may shine for {SHORT_MS / 1000:.0f} s opens",
        pi.ask(unit(driver, longest_on_ms=SHORT_MS)),
        "ready",
    )
    facts.obeyed(pi, "shine V")
    facts.equal(f"{driver}: the unit is stopped by SIGSTOP", pi.ask("stop unit"), "done")
    facts.equal(f"{driver}: its lamp shines on", pi.pins().on, {"visible"})
    facts.equal(f"{driver}: and goes dark in time", pi.becomes(set(), SHORT_MS / 1000 + SOON_S), set())
    facts.equal(f"{driver}: the unit goes on", pi.ask("continue unit"), "done")
    facts.equal(f"{driver}: the unit ends in order", pi.ask("over"), "ended 0")
    facts.equal(f"{driver}: nothing is on after it", pi.pins().on, set())


def lamps_go_dark_though_the_keeper_hangs(pi: EmulatedPi, facts: Facts, driver: str) -> None:
    """At the next light that the unit asks for. Only what the kernel does with lines could differ from driver to driver."""
    facts.equal(f"{driver}: another unit opens", pi.ask(unit(driver)), "ready")
    facts.obeyed(pi, "shine LV")
    facts.equal(f"{driver}: the process that keeps its lamps is stopped by SIGSTOP", pi.ask("stop keeper"), "done")
    facts.said(f"{driver}: whoever wants another light is told that they are lost", pi.ask("shine R"), "LampLostError")
    facts.equal(f"{driver}: and all are dark", pi.becomes(set(), 30.0), set())


def nobody_is_left(pi: EmulatedPi, facts: Facts, driver: str, stay: bool) -> None:
    """Unit and keeper die at once: what the kernel does with lines decides (ADR 19)."""
    lit = LEDS | {"left", "visible"}
    facts.equal(f"{driver}: a unit opens", pi.ask(unit(driver)), "ready")
    facts.obeyed(pi, "shine LV")
    facts.obeyed(pi, "show HOLD_STILL")
    facts.equal(f"{driver}: two lamps and the LED shine", pi.becomes(lit, SOON_S), lit)
    # The keeper would go dark with its unit, and the unit would start another keeper.
    killed = {pi.ask("stop keeper"), pi.ask("kill unit"), pi.ask("kill keeper")}
    facts.equal(f"{driver}: unit and keeper are killed at once", killed, {"done"})
    if stay:
        facts.equal(f"{driver}: lamps and LED shine on, as wiring.md warns", pi.pins().on, lit)
    else:
        facts.equal(f"{driver}: lamps and LED go dark", pi.becomes(set(), SOON_S), set())
        inputs = {function for function, line in WIRES.items() if not pi.pins().driven(line)}
        facts.equal(f"{driver}: for every line is an input again", inputs, set(WIRES))
    facts.equal(f"{driver}: another unit can have all lines", pi.ask(unit(driver)), "ready")
    facts.equal(f"{driver}: and nothing is on before it is told to", pi.pins().on, set())


def refusals(pi: EmulatedPi, facts: Facts) -> None:
    """What cannot work is refused by name, and nothing is driven."""
    said = pi.ask(unit("gpiozero", folder="/readonly"))
    facts.said("gpiozero: a folder that lgpio cannot write into is refused", said,
               "led: PinChipError: gpiochip0: lgpio cannot write into /readonly; set the environment variable LG_WD",
               "illuminator: LampLostError: lamps: gpiochip0: lgpio cannot write into /readonly")  # fmt: skip
    facts.said("gpiozero: and light is refused", pi.ask("shine L"), "LampLostError", "LG_WD")
    for driver, why in (("gpiozero", "gpiochip9: lgpio cannot open it"), ("gpiod", "/dev/gpiochip9: it is not there")):
        said = pi.ask(unit(driver, chip="gpiochip9"))
        facts.said(f"{driver}: a chip that is not there is refused", said,
                   f"led: PinChipError: {why}", f"illuminator: LampLostError: lamps: {why}")  # fmt: skip
    facts.equal("nothing is on after all that", pi.pins().on, set())


def on_lines_that_stay(pi: EmulatedPi, facts: Facts) -> None:
    """Everything, in order."""
    boots(pi, facts, stay=True)
    for driver in ("gpiozero", "gpiod"):
        parts_obey(pi, facts, driver)
        lamps_go_dark(pi, facts, driver)
        lamps_go_dark_in_time(pi, facts, driver)
    lamps_go_dark_though_the_keeper_hangs(pi, facts, "gpiozero")
    nobody_is_left(pi, facts, "gpiozero", stay=True)
    refusals(pi, facts)


def on_lines_that_fall(pi: EmulatedPi, facts: Facts) -> None:
    """What is otherwise there."""
    boots(pi, facts, stay=False)
    nobody_is_left(pi, facts, "gpiozero", stay=False)


def main(base: str, *command: str) -> int:
    """Start the machine once for each way in which a kernel treats lines; the word of QEMU's that says it comes last."""
    facts = Facts()
    for look, word in ((on_lines_that_stay, "1"), (on_lines_that_fall, "0")):
        try:
            with EmulatedPi((*command[:-1], f"{command[-1]} {STAY}={word}"), int(base, 16), LIVES_S) as pi:
                look(pi, facts)
        except (MachineSilentError, OSError) as error:
            facts.holds("the machine lived to the end", False, f"{type(error).__name__}: {error}")
    facts.untold()
    return 1 if facts.failed else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main(*sys.argv[1:]))
