"""Which boards can be units, from what they say of themselves, and every reason why one cannot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from edge.install.boards import BoardWord, judge
from edge.install.errors import BoardUnfitError
from edge.install.facts import Facts, read_facts
from tests.edge.install.machines import ORIN, PC, PI_5


@pytest.mark.parametrize(
    ("facts", "board", "camera", "python", "package"),
    [
        (PI_5, BoardWord.PI, "pi", "3.11", "python3-picamera2"),
        (replace(PI_5, codename="trixie", pythons={"3.13": "/usr/bin/python3.13"}), BoardWord.PI, "pi", "3.13", "python3-lgpio"),
        (replace(PI_5, model="Raspberry Pi 4 Model B Rev 1.5"), BoardWord.PI, "pi", "3.11", "python3-venv"),
        (replace(PI_5, model="Raspberry Pi Compute Module 5 Rev 1.0"), BoardWord.PI, "pi", "3.11", "python3-picamera2"),
        (ORIN, BoardWord.JETSON, "jetson", "3.11", "python3.11-venv"),
        (PC, BoardWord.USB, "usb:0", "3.11", "python3-venv"),
    ],
)
def test_a_board_is_known_by_what_it_says(facts: Facts, board: BoardWord, camera: str, python: str, package: str) -> None:
    fit = judge(facts)

    assert (fit.board, fit.camera, fit.python) == (board, camera, python)
    assert package in fit.packages


def test_an_installer_may_name_the_board_and_the_camera() -> None:
    fit = judge(PC, BoardWord.TWIN, "clip:/srv/visit.mp4")

    assert (fit.board, fit.camera, fit.packages) == (BoardWord.TWIN, "clip:/srv/visit.mp4", ("python3-venv",))


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (replace(PI_5, model="Raspberry Pi 3 Model B Plus Rev 1.3"), "Raspberry Pi 4 and 5 are supported"),
        (replace(PI_5, model="Raspberry Pi Zero 2 W Rev 1.0"), "Raspberry Pi 4 and 5 are supported"),
        (replace(PI_5, model="Raspberry Pi 40"), "Raspberry Pi 4 and 5 are supported"),
        (replace(PI_5, machine="armv7l"), "use the 64-bit image"),
        (replace(PI_5, codename="bullseye"), "debian bullseye, and bookworm and trixie are supported"),
        (replace(PI_5, codename=""), "bookworm and trixie are supported"),
        (replace(PI_5, memory_mib=426), "426 MiB of memory"),
        (replace(PI_5, free_mib=200), "200 MiB are free below /opt"),
        (replace(ORIN, l4t=(35, 4)), "R35.4, and JetPack 6 (R36) is supported"),
        (replace(ORIN, l4t=(38, 2)), "R38.2, and JetPack 6 (R36) is supported"),
        (replace(ORIN, l4t=None), "no release file of NVIDIA's Linux"),
        (replace(ORIN, codename="focal"), "jammy are supported"),
    ],
)
def test_a_board_that_does_not_do_is_refused_with_its_reason(facts: Facts, reason: str) -> None:
    with pytest.raises(BoardUnfitError) as refused:
        judge(facts)

    assert reason in str(refused.value)
    assert len(refused.value.reasons) == 1


def test_all_reasons_are_named_at_once() -> None:
    with pytest.raises(BoardUnfitError) as refused:
        judge(replace(PI_5, machine="armv7l", codename="buster", memory_mib=900 - 1, free_mib=0))

    assert len(refused.value.reasons) == 4


def machine_below(top: Path, files: dict[str, bytes]) -> Facts:
    """The facts of a machine that has these files."""
    for name, content in files.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return read_facts(top, "aarch64", lambda name: f"/usr/bin/{name}" if name == "python3.11" else None, lambda _: 5 * 2**30, 0)


def test_facts_are_read_from_where_linux_says_them(tmp_path: Path) -> None:
    facts = machine_below(
        tmp_path,
        {
            "proc/device-tree/model": b"Raspberry Pi 5 Model B Rev 1.0\0",
            "etc/os-release": b'ID=debian\nVERSION_CODENAME="bookworm"\n',
            "proc/meminfo": b"MemTotal:        4137508 kB\nMemFree: 1 kB\n",
            "run/systemd/system/x": b"",
        },
    )

    assert facts == replace(PI_5, memory_mib=4040, free_mib=5 * 1024)


def test_a_jetson_is_known_by_the_release_of_its_linux(tmp_path: Path) -> None:
    line = b"# R36 (release), REVISION: 4.0, GCID: 37537400, BOARD: generic, EABI: aarch64, DATE: Fri Sep 13\n"

    facts = machine_below(tmp_path, {"etc/nv_tegra_release": line})

    assert facts.l4t == (36, 4)


def test_a_machine_that_says_nothing_or_rubbish_is_unknown_rather_than_an_error(tmp_path: Path) -> None:
    facts = machine_below(tmp_path, {"etc/os-release": b"\xff\xfe rubbish", "etc/nv_tegra_release": b"R36", "proc/meminfo": b"?"})

    assert (facts.model, facts.l4t, facts.codename, facts.memory_mib, facts.booted) == ("", None, "", 0, False)
