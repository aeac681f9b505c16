"""What is read over HTTP: a real server on a real port, over every store."""
