"""Raw input, kept as objects by their hash."""
