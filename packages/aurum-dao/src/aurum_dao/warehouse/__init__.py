"""What every warehouse engine shares: readers, writers and their statements, written once."""
