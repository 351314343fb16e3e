"""The Gaussian copula: smoothed marginals, latent correlation, draws."""
