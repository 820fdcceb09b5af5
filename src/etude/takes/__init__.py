"""What a take is on paper: its recipe, its source and its history. Files and models are unknown here."""
