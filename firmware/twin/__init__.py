"""The twin: a unit without hardware, used by the demonstration, the developer and the system tests.

camera.py       replays a clip or a folder of pictures with their time and light
container.py    tells whether a video file is cut off, before a decoder sees it
frame_table.py  reads DIR/frames.csv
footage.py      reads the TOML file that describes a person made of footage
actor.py        that person: does what the unit asks for
toml_table.py   a table of such a file, read key by key
pace.py         replays as fast as asked, or in real time
keeping.py      keeps what any camera sees, as a folder that can be replayed
scene.py        a simulated scene: its camera, its lamps and their faults
scene_file.py   reads the TOML file that describes one
staging.py      puts one together: who or what, where, in which light, before which lamps
sitter.py       who sits there, and how they answer the screen
physics/        shapes, reflectances, lamps, light and sensor of such a scene
parts.py        light, LED, screen, speaker and button that remember every call with its time
"""
