"""Permissions for one visit.

models   a ticket as it is kept
store    tickets in the database
issue    makes a ticket and puts it out for its unit
"""
