"""Histories told to a store and to the reference fold at once."""
