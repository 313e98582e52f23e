"""The twin: a unit without hardware, used by the demonstration, the developer and the system tests.

camera.py       replays a clip or a folder of pictures with their time and light
container.py    tells whether a video file is cut off, before a decoder sees it
frame_table.py  reads DIR/frames.csv
footage.py      reads the TOML file that describes a person made of footage
actor.py        that person: does what the unit asks for
pace.py         replays as fast as asked, or in real time
parts.py        light, LED, screen, speaker and button that remember every call with its time
"""
