"""The law: bytes to typed statements, statements to master records, and how it all came about."""
