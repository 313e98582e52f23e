"""Makes a board into a unit: `facts` looks, `boards` judges, `plan` says what to do, `runner` does it, `command` is for people.

It runs before there is an environment, on the system's own Python: nothing in here imports more than the standard library.
"""
