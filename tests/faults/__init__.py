"""What must hold when something breaks: nothing is seen by halves, nothing is lost, nothing is taken twice."""
