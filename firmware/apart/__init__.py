"""A camera in a process of its own, so that a driver that hangs or crashes takes nothing with it.

camera.py           what the unit sees: an ordinary camera; it watches the process, kills and restarts it
line.py             one life of the process: its memory, what it says, what it is told, its end
ring.py             the memory in which its frames lie
words.py            what the two say to each other
child.py            the program of the process
"""
