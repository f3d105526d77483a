"""The families beside GANs, one a module (book/ch02_concepts.md). Import each by its module.

- `one_loss`: what they share: a single loss, and the step down its gradient
- `ngrams`: how often a symbol follows the few before it, the oldest of all
"""
