"""The commands, by subject.

setup        init, broker config
serving      serve
fleet        claim, device, ticket
cohort       cohort key, import, list, forget
calibration  calibrate, calibrate list, calibrate drift
policy       policy publish, list, show; matcher accept, list
ledger       ledger list, ledger verify
progress     says how far a long comparison is
"""
