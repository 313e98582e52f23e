"""The lamps go dark with the service, however it ends: real processes, real pipes, kill -9."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from firmware.errors import LampLostError, LampRestingError, LightInvalidError
from firmware.frame import DARK, UNKNOWN_LIGHT, Light
from firmware.kept_lamps import KEEPER, ROOT, KeptLamps
from firmware.light_log import LightLog
from firmware.pins import PinSettings
from tests.firmware.builders import eventually
from tests.firmware.pwm import LIGHT, PwmTree, order, write_pwm

HEAVY = {"cv2", "numpy", "onnxruntime", "PIL"}


@pytest.fixture
def tree(tmp_path: Path) -> PwmTree:
    return write_pwm(tmp_path)


@pytest.fixture
def switches() -> list[tuple[Light, int]]:
    return []


@pytest.fixture
def lamps(tree: PwmTree, switches: list[tuple[Light, int]]) -> Iterator[KeptLamps]:
    lamps = KeptLamps(order(tree), lambda light, at_ns: switches.append((light, at_ns)))
    yield lamps
    lamps.close()


def keeper_pid(lamps: KeptLamps) -> int:
    """The process that was started; it is looked up in the kernel's list of children."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
    ours = [pid for pid in children if b"firmware.lamp_keeper" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    assert len(ours) == 1
    return int(ours[0])


def test_the_lamps_shine_as_told_and_each_switch_is_told_with_its_time(
    lamps: KeptLamps, tree: PwmTree, switches: list[tuple[Light, int]]
) -> None:
    before_ns = time_ns()
    lamps.shine(Light.parse("LR", 40))
    shining = tree.shining
    lamps.off()
    lamps.off()
    after_ns = time_ns()

    assert (shining, tree.shining) == ({0: 40, 1: 40}, {})
    assert [light for light, _ in switches] == [Light("LR", 40), DARK, DARK]
    times = [before_ns, *(at_ns for _, at_ns in switches), after_ns]
    assert times == sorted(times)


def time_ns() -> int:
    from firmware.clock import SystemClock

    return SystemClock().now_ns()


def test_a_light_that_is_not_known_is_refused(lamps: KeptLamps, tree: PwmTree) -> None:
    with pytest.raises(LightInvalidError):
        lamps.shine(UNKNOWN_LIGHT)

    assert tree.shining == {}


def test_a_lamp_that_is_not_fitted_is_a_fault_and_everything_is_dark(lamps: KeptLamps, tree: PwmTree) -> None:
    lamps.shine(Light.parse("L", 40))

    with pytest.raises(LampLostError, match="not fitted"):
        lamps.shine(Light.parse("T", 40))

    assert tree.shining == {}


def test_what_an_eye_bears_is_given_and_the_log_and_the_light_say_so(
    tree: PwmTree, switches: list[tuple[Light, int]], caplog: pytest.LogCaptureFixture
) -> None:
    lamps = KeptLamps(order(tree, light=replace(LIGHT, left_mw_sr=8000)), lambda light, at_ns: switches.append((light, at_ns)))

    lamps.shine(Light.parse("L", 60))
    lamps.shine(Light.parse("L", 60))
    shining = tree.shining
    lamps.close()

    assert shining == {0: 25}
    assert [light for light, _ in switches] == [Light("L", 25)] * 2
    warned = [record for record in caplog.records if record.getMessage() == "lamps dimmed for eyes"]
    assert [(record.asked_percent, record.given_percent) for record in warned] == [(60, 25)]  # type: ignore[attr-defined]


def test_lamps_that_shone_their_longest_go_dark_by_themselves_and_rest(tree: PwmTree, switches: list[tuple[Light, int]]) -> None:
    """The service may hang: nobody has to say anything."""
    limits = replace(LIGHT, longest_on_ms=300, rest_ms=60_000)
    lamps = KeptLamps(order(tree, light=limits), lambda light, at_ns: switches.append((light, at_ns)))

    lamps.shine(Light.parse("L", 60))
    shone = tree.shining
    dark = eventually(lambda: len(switches) == 2)
    with pytest.raises(LampRestingError, match=r"lamps L: .* rest for"):
        lamps.shine(Light.parse("L", 60))
    lamps.close()

    assert (shone, dark, tree.shining) == ({0: 60}, True, {})
    (_, lit_ns), (light, cut_ns), *_ = switches
    assert light == DARK
    assert 0.2 <= (cut_ns - lit_ns) / 1e9 < 3


def test_asking_for_a_lamp_that_rests_makes_the_others_dark_and_the_log_is_told(
    tree: PwmTree, switches: list[tuple[Light, int]]
) -> None:
    limits = replace(LIGHT, longest_on_ms=300, rest_ms=60_000)
    lamps = KeptLamps(order(tree, light=limits), lambda light, at_ns: switches.append((light, at_ns)))
    lamps.shine(Light.parse("L", 60))
    cut = eventually(lambda: len(switches) == 2)

    lamps.shine(Light.parse("R", 60))
    with pytest.raises(LampRestingError):
        lamps.shine(Light.parse("LR", 60))
    lamps.close()

    assert (cut, tree.shining) == (True, {})
    assert [light for light, _ in switches][2:] == [Light("R", 60), DARK]


def test_a_keeper_that_is_killed_is_followed_by_one_that_makes_everything_dark(lamps: KeptLamps, tree: PwmTree) -> None:
    lamps.shine(Light.parse("LRV", 60))
    os.kill(keeper_pid(lamps), signal.SIGKILL)

    assert eventually(lambda: tree.shining == {})
    with pytest.raises(LampLostError):
        lamps.shine(Light.parse("L", 60))
    lamps.off()
    assert tree.shining == {}


ONCE = """
import os, sys
from pathlib import Path
used = Path(sys.argv[1])
if used.exists():
    sys.exit(2)
used.touch()
os.execv(sys.executable, [sys.executable, "-m", "firmware.lamp_keeper", *sys.argv[2:]])
"""


def test_lamps_that_nobody_can_make_dark_any_more_are_never_called_dark(
    tree: PwmTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lamps = KeptLamps(order(tree), keeper=(sys.executable, "-c", ONCE, str(tmp_path / "used")))
    monkeypatch.setattr("firmware.kept_lamps.STARTS_WITHIN_S", 2.0)
    lamps.shine(Light.parse("L", 60))

    os.kill(keeper_pid(lamps), signal.SIGKILL)

    with pytest.raises(LampLostError):
        lamps.off()
    assert tree.shining == {0: 60}
    lamps.close()


def test_a_keeper_that_hangs_is_ended_and_everything_is_made_dark(lamps: KeptLamps, tree: PwmTree) -> None:
    lamps.shine(Light.parse("LR", 60))
    os.kill(keeper_pid(lamps), signal.SIGSTOP)

    with pytest.raises(LampLostError):
        lamps.shine(Light.parse("V", 60))

    assert eventually(lambda: tree.shining == {})


def test_closing_makes_everything_dark_and_leaves_no_process(tree: PwmTree) -> None:
    lamps = KeptLamps(order(tree))
    lamps.shine(Light.parse("LR", 60))
    pid = keeper_pid(lamps)

    lamps.close()
    lamps.close()

    assert tree.shining == {}
    assert not Path(f"/proc/{pid}").exists()


SERVICE = """
import signal, sys, threading
from pathlib import Path
from firmware.frame import Light
from firmware.kept_lamps import KeptLamps
from tests.firmware.pwm import PwmTree, order
signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background inherits that it is ignored
lamps = KeptLamps(order(PwmTree(Path(sys.argv[1]))))
lamps.shine(Light.parse("LRV", 60))
print("shining", flush=True)
if sys.argv[2] == "leave":
    sys.exit()
threading.Event().wait()
"""


def service(tree: PwmTree, then: str = "stay") -> subprocess.Popen[str]:
    """A process that lights everything."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVICE, str(tree.root), then],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=ROOT,
        process_group=0,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "shining\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGABRT, signal.SIGINT])
def test_the_lamps_go_dark_when_the_service_is_killed(tree: PwmTree, number: signal.Signals) -> None:
    process = service(tree)
    shining = tree.shining

    process.send_signal(number)

    assert process.wait(10) != 0
    assert eventually(lambda: tree.shining == {})
    assert shining == {0: 60, 1: 60, 2: 60}


def test_the_lamps_go_dark_when_the_whole_group_of_the_service_is_killed(tree: PwmTree) -> None:
    """As a terminal does, or a supervisor; the keeper is in no group of the service."""
    process = service(tree)

    os.killpg(process.pid, signal.SIGKILL)

    assert process.wait(10) == -signal.SIGKILL
    assert eventually(lambda: tree.shining == {})


def test_the_lamps_go_dark_when_the_service_ends_without_a_word(tree: PwmTree) -> None:
    assert service(tree, "leave").wait(10) == 0

    assert eventually(lambda: tree.shining == {})


def keeper(tree: PwmTree, **streams: int) -> subprocess.Popen[bytes]:
    """The keeper alone, as a program."""
    return subprocess.Popen([*KEEPER, order(tree).to_json()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)


def test_the_keeper_goes_dark_when_it_is_told_to_end(tree: PwmTree) -> None:
    process = keeper(tree)
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.stdin.write(b"LR 60\n")
    process.stdin.flush()
    assert process.stdout.readline().startswith(b"lit LR 60 ")

    process.terminate()

    assert process.wait(10) == 0
    assert tree.shining == {}
    process.stdin.close()
    process.stdout.close()


def test_the_keeper_ends_at_a_line_without_end_and_is_dark(tree: PwmTree) -> None:
    """Its pipe stays open."""
    process = keeper(tree)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"LR 60\n" + b"x" * 1_000)
    process.stdin.flush()

    said = process.stdout.read()

    assert process.wait(10) == 0
    assert said.startswith(b"ready\nlit LR 60 ")
    assert tree.shining == {}
    process.stdin.close()
    process.stdout.close()


@pytest.mark.parametrize(
    ("pins", "told"),
    [
        (PinSettings(left="17", chip="gpiochip250"), "/dev/gpiochip250: it is not there; see which are: gpiodetect"),
        (PinSettings(left="pwmchip9/0"), "pwmchip9, channel 0 (left): there is no such chip"),
        (PinSettings(top="pwmchip0/3"), "lamp T: its radiant intensity is not given; set light.top_mw_sr"),
    ],
)
def test_lamps_that_cannot_be_had_are_named_by_the_keepers_own_sentence(tree: PwmTree, pins: PinSettings, told: str) -> None:
    with pytest.raises(LampLostError) as caught:
        KeptLamps(order(tree, pins))

    assert told in str(caught.value)
    assert tree.shining == {}


def test_a_keeper_that_cannot_be_started_is_named(tree: PwmTree) -> None:
    with pytest.raises(LampLostError, match="cannot be started: No such file"):
        KeptLamps(order(tree), keeper=("/no/such/program",))


def test_the_keeper_is_small_it_loads_neither_pictures_nor_networks() -> None:
    program = (
        "import json, sys, firmware.lamp_keeper, firmware.gpio_lines, firmware.pi.gpio; print(json.dumps(list(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)

    assert set(json.loads(done.stdout)) & HEAVY == set()


def test_a_camera_can_ask_the_log_what_the_lamps_did(tree: PwmTree) -> None:
    log = LightLog(guard_ns=1_000)
    lamps = KeptLamps(order(tree), log.switched)

    lamps.shine(Light.parse("L", 60))
    lit_ns = time_ns()
    lamps.close()

    assert log.during(lit_ns, lit_ns + 1_000) == Light("L", 60)
