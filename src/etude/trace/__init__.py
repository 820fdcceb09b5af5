"""What a take owes to the works it was learned from: borrowed (exact), verbatim (counted), resembles
(calibrated)."""
