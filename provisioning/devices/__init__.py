"""Units, the claims with which they enrol, and how they get their certificates.

models      a unit and its state, a claim
claims      pure rules: is this claim good, may this key have a certificate
store       units and claims in the database
registry    makes claims, blocks units
enrolment   a unit shows its claim and gets a certificate
router      enrolment over HTTP: EST (RFC 7030)
"""
