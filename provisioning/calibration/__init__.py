"""Thresholds with their proof, computed from a programme's own references: all compared with all.

models      a calibration as it is kept
store       calibrations in the database: counts and bounds, never an embedding
bands       who is told apart, and how old the people are
one_person  the list of people who are in the references under two names
gather      brings the rows of some cohorts together, in memory
compute     all against all, by way of models.calibration
rounding    shares and thresholds between text, floats and the integers that are signed
proof       whether stored counts support their claim
advice      what a person should know about a calibration
drift       whether a newer cohort still fits a signed threshold
desk        makes calibrations and tests for drift
"""
