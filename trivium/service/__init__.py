"""Wires a declared domain to its adapters: finds the declarations, reads the settings, opens the store."""
