"""A serving unit for hours, to which faults happen: does it grow, does it leak, does it ever say yes when it must not?

dice.py throws what happens, staged.py is what the unit in its own process sees of that, panel.py and uplink.py play
its neighbours, vitals.py looks at the process from outside, trial.py runs it all, and findings.py says what holds.
"""
