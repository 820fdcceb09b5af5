"""Models: pure computation on arrays, no files and no project."""
