"""The law as SQL: each statement in a file of its own, written out for each engine under the same name."""
