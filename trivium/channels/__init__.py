"""Data in: what arrives over a road, judged and committed."""
