"""What users hand to a fit: the checks of each, and the plain arrays that they become."""
