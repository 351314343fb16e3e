"""What the page shows, as numbers: one file for each subject."""
