"""What happened in the hospital, as columns: people, episodes, samples, results, examinations."""
