"""What a team declares: pure values, no I/O, no clock."""
