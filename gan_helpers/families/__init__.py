"""The families beside GANs, one a module (book/ch02_concepts.md). Import each by its module.

- `one_loss`: what they share: a single loss, and the step down its gradient
- `ngrams`: how often a symbol follows the few before it, the oldest of all
- `tiny_gpt`: a Transformer that predicts the next token; `next_token`: how it is drawn
- `coded_gpt`: the same of images and points, by a codebook
"""
