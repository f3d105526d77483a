"""Families of generative models other than GANs, one module each."""
