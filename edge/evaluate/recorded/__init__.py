"""Presentations that were made before a real unit, kept with what they are, and played again to count how they fare.

card        what a presentation is: species, artefact, who showed it, whose consent; strictly read
collect     makes one before a camera and keeps it, whole or not at all
replay      plays it to the present software
report      counts and rates: APCER per species, BPCER, non-response, IAPAR
page        the report as one page
calibrate   the texture threshold of one kind of camera
"""
