"""Liquidation engines, one file each."""
