"""The service in a process of its own, and what it is told to watch."""
