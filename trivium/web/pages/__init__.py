"""Pages for people: made here, moved by htmx, served whole from the package."""
