"""What a file says compared with what another source said. Pure."""
