"""The commands, by subject.

setup    init, serve, broker config
fleet    claim, device, ticket
ledger   ledger list, ledger verify
"""
