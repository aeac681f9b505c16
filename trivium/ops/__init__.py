"""What people who run the service look at."""
