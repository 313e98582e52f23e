"""The commands, by subject.

setup    init, broker config
serving  serve
fleet    claim, device, ticket
ledger   ledger list, ledger verify
"""
