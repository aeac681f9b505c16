"""A source and its entity proposed from a sample of a file."""

from trivium.engine.sketch.detecting import detect
from trivium.engine.sketch.guessing import Guess, guesses, likely_key
from trivium.engine.sketch.module import Draft, module_text
from trivium.engine.sketch.sampling import Sample, json_columns, sampled

__all__ = [
    "Draft",
    "Guess",
    "Sample",
    "detect",
    "guesses",
    "json_columns",
    "likely_key",
    "module_text",
    "sampled",
]
