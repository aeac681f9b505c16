"""What is measured, each in a process of its own. A task takes JSON values, returns figures, and does its own timing,
so that what is imported counts for nobody."""
