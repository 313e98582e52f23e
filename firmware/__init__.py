"""Hands and eyes of the unit: camera, light, LED, screen, speaker, buttons, thermometer. It knows nothing about faces.

Map of the room, in the order a reader needs it:

frame.py            one picture with its time and its light: what every camera hands out
ports.py            the Protocols that the rest of the unit speaks to
board.py            the only place where real parts are built (`open_camera`, `open_board`)
fittings.py         what is fitted beside the camera, in words; fitted.py opens it and names what is missing
absent.py           parts that are not there
pins.py             which line does what, and the port of its drivers; pin_drivers.py chooses one: gpio_lines.py (libgpiod) or pi/
pin_parts.py        LED, buzzer, button and tamper switch on such lines; rhythm.py is the thread that LED, buzzer and screen have
led_language.py     what the LED says; led_picture.py draws it; tunes.py is what the buzzer says
dose.py             how strongly and how long lamps may shine
lamps.py            who keeps the lamps, and why; lamp_keeper.py is that process, kept_lamps.py speaks to it, pwm.py dims
screen_settings.py  which screen there is; typeset.py and icons.py set a view for a small one
sound.py            the voice; voice_folder.py is where its sentences lie
light_log.py        which light an exposure saw, out of what the lamps were told when
strobe.py           which lamps a board has, and how long one light must last
selftest.py         tries each part of a board and says what it found
picture.py          reads one picture file, safely (picture_header.py and exif.py read its bytes before any decoder does)
slot.py             the place where a camera's thread and the main loop meet: the newest frame wins
clock.py            the monotonic clocks of the machine
health.py           whether the pictures of a live camera can be used
capture.py          a live camera that OpenCV reads
lit_camera.py       a camera and the unit's own lamps, brought together
lending.py          frames that look into a camera's own buffers, and give them back
apart/              a camera in a process of its own, watched from outside
thermal.py          how hot the board is, as the kernel tells
rtc.py              whether the board has a clock that runs without power (sysfs.py reads what the kernel tells)
twin/               a unit without hardware: replays, a person made of footage, simulated scenes, parts that remember
usb/                a USB (V4L2) camera
pi/                 the camera connector, lines and small screens of a Raspberry Pi
jetson/             the camera connector of a Jetson
errors.py           every error of this room, each with one sentence that an installer understands
"""
