"""Keys, certificates and the revocation list of the fleet. Every name in a certificate is written here, never by a unit.

models      what a certificate is for, and who issues it
keys        P-256 keys in files, and the signer made of one
issue       builds certificates
revoke      builds the revocation list
request     reads what a unit asks for: only its public key is taken
store       the certificates that were issued, in the database
transfer    certificates as EST sends them
"""
