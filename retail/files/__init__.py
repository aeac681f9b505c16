"""Weeks of files from four systems, sent into an inbox with every mischief that real ones know, and checked.

`python -m retail.files --inbox FOLDER` sends them; with `--check` it compares what came out with what was meant.
"""
