"""The outside systems of a retailer, each with what it means and with how it tells it: in disorder."""
