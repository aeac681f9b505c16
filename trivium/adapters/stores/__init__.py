"""Stores: one domain's history, master and administration."""
