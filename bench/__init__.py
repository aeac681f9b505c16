"""What Trivium costs on this machine, beside its peers doing the same work in the same run."""
