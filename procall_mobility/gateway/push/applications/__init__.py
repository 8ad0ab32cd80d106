"""Applications as the operator has registered them, and the ways to their devices."""
