"""The judge: raw records in, typed statements and named reasons out. One for all channels and all stores."""

from trivium.engine.judge.declared import check_sources
from trivium.engine.judge.judge import Judge
from trivium.engine.judge.session import Session

__all__ = ["Judge", "Session", "check_sources"]
