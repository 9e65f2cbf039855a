"""The operator's hand: budget, review of new accounts, compliance."""
