"""What workers take from the blocks of each kind of file: columns and counts, no more than the page needs."""
