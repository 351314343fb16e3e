"""What is measured on artificial rows: fidelity to unseen patients, privacy of those learned."""
