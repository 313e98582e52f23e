"""The shape of the database, step by step (Alembic). A step that was released is never changed.

run        brings a database to the newest step
env        runs the steps in the transaction that it is handed
versions   the steps
"""
