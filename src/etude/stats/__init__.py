"""Statistics that several rooms share: even picks, conformal p-values, kernel distances, plots. Arrays in,
numbers out."""
