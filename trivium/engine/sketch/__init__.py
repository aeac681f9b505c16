"""A source and its entity proposed from a sample of a file."""

from trivium.engine.sketch.detecting import detect
from trivium.engine.sketch.ending import Ending, ending_of, known_of
from trivium.engine.sketch.guessing import Guess, LikelyKey, guesses, likely_key
from trivium.engine.sketch.module import Draft, module_text
from trivium.engine.sketch.sampling import Sample, json_columns, sampled

__all__ = [
    "Draft",
    "Ending",
    "Guess",
    "LikelyKey",
    "Sample",
    "detect",
    "ending_of",
    "guesses",
    "json_columns",
    "known_of",
    "likely_key",
    "module_text",
    "sampled",
]
