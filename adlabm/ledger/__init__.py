"""The ledger: owners, margin accounts, positions; fills, margin and what must add up."""
