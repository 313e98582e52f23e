"""Policies: which matcher may accept whom at which proven threshold, signed for every unit.

models    a policy as it is kept
store     policies in the database
accepted  the matchers that a policy may name
publish   builds a policy from calibrations, signs it and puts it out
watch     holds a newer cohort against a published policy
sending   what a unit must be sent so that it knows the policies it needs
"""
