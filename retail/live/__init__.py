"""A retailer's day, live: four systems and the web as programs of their own, which know the service's outside only."""
