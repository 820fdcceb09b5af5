"""What a model is like: whether it copies, how varied its takes are, whom it shows more or less often than
the collection does, and what it cost. Arrays and counts in, sections with figures out."""
