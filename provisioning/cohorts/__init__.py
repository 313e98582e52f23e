"""References of a programme's people, embedded and sealed: what thresholds are computed from.

models   a cohort as it is kept
store    cohorts in the database: where they come from and how large they are, nothing of what is in them
check    whether the rows of a cohort can be compared with one another
key      the key that cohorts are sealed to
archive  takes sealed files in, keeps them as they are, and opens them when something is computed
"""
