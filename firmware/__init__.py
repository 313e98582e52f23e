"""Hands and eyes of the unit: camera, light, LED, screen, speaker, button, thermometer. It knows nothing about faces.

Map of the room, in the order a reader needs it:

frame.py            one picture with its time and its light: what every camera hands out
ports.py            the Protocols that the rest of the unit speaks to
board.py            the only place where real parts are built (`open_camera`, `open_board`)
light_log.py        which light an exposure saw, out of what the lamps were told when
strobe.py           which lamps a board has, and how long one light must last
selftest.py         tries each part of a board and says what it found
picture.py          reads one picture file, safely (picture_header.py and exif.py read its bytes before any decoder does)
slot.py             the place where a camera's thread and the main loop meet: the newest frame wins
clock.py            the monotonic clock of the machine
thermal.py          how hot the board is, as the kernel tells
twin/               a unit without hardware: replays, a person made of footage, simulated scenes, parts that remember
usb/                a USB (V4L2) camera
errors.py           every error of this room, each with one sentence that an installer understands
"""
