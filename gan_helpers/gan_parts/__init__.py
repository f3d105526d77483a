"""What practice adds to the GAN of `gan.py`, one thing a file."""
