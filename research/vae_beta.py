"""A VAE with beta from 0 to 16: quality, likelihood and used codes (notebooks/ch02_vae.ipynb).

The networks are those of the recipe "vae" with half of their width, and every training is short, so
that all of them take a few minutes; three seeds each.
"""

import keras
import numpy as np

from gan_helpers.data import load_mnist, to_tanh_range, to_uint8
from gan_helpers.families.posterior import posterior
from gan_helpers.families.vae import VAE
from gan_helpers.metrics import evaluate_generator, mnist_reference
from gan_helpers.networks.autoencoders import decoder, encoder
from gan_helpers.recorded import write_sheets
from research.machine import library_versions

RUN = "vae_beta"
BETAS, SEEDS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0), (1, 2, 3)
LATENT, STEPS, BATCH = 16, 500, 128
FIRST_STEPS = 20  # a test repeats these and compares their loss
JUDGED = 2000  # images, as in what the notebook judges
WEIGHED, DRAWS = 200, 20  # images whose likelihood is bounded, and latent vectors for each


def vae(beta: float, seed: int) -> VAE:
    """Before its training, with the optimizer of the sweep."""
    keras.utils.set_random_seed(seed)
    halves = (
        encoder(LATENT, outputs=2, channels=12, hidden=64),
        decoder(LATENT, channels=16, hidden=64),
    )
    model = VAE(*halves, beta=beta, seed=seed)
    rate = keras.optimizers.schedules.CosineDecay(4e-3, STEPS)
    model.compile(keras.optimizers.Adam(rate), steps_per_execution=FIRST_STEPS)
    return model


def trained(model: VAE, images: np.ndarray, steps: int = STEPS) -> list[float]:
    """Train, and give the mean loss of every `FIRST_STEPS` steps."""
    epochs = {"steps_per_epoch": FIRST_STEPS, "epochs": steps // FIRST_STEPS}
    return model.fit(images, batch_size=BATCH, **epochs, verbose=0).history["loss"]


def figures(model: VAE, held_out: np.ndarray) -> dict:
    """What the judge says of its samples, and what is left of held-out images in their codes.

    The error is the root of the mean square over pixels, from -1 to 1; the divergences are nats.
    The bound is that of the ELBO, whatever beta was in training.
    """
    q = posterior(model.encoder, held_out)
    errors = held_out - model.predict(held_out, batch_size=500, verbose=0)
    bits = model.bits_per_dimension(held_out[:WEIGHED], draws=DRAWS)
    judged = evaluate_generator(model.generate, reference=mnist_reference(JUDGED))
    return {
        "frechet_distance": judged.frechet_distance.value,
        "precision": judged.precision.value,
        "recall": judged.recall.value,
        "reconstruction_error": float(np.sqrt(np.mean(np.square(errors)))),
        "bits_bound": float(bits.bound.mean()),
        "sigma": float(np.exp(model.log_sigma)),
        "kl_of_each_number": q.kl().numpy().mean(axis=0).round(4).tolist(),
    }


def record() -> None:
    """Train and judge all of them; of the first seed keep samples and reconstructions."""
    (x_train, _), (x_test, _) = load_mnist()
    images, held_out = to_tanh_range(x_train), to_tanh_range(x_test[:JUDGED])
    rows, sheets, first = [], {}, None
    for beta in BETAS:
        for seed in SEEDS:
            keras.utils.clear_session()
            model = vae(beta, seed)
            losses = trained(model, images)
            rows.append({"beta": beta, "seed": seed} | figures(model, held_out))
            print(rows[-1], flush=True)
            if seed == SEEDS[0]:
                sheets[f"samples, beta {beta:g}"] = to_uint8(model.generate(10, seed=0))
                again = model.predict(held_out[:10], verbose=0)
                sheets[f"reconstructions, beta {beta:g}"] = to_uint8(again)
                first = losses[0] if beta == 1 else first
    history = {
        "recipe": {"networks": "vae, half as wide", "steps": STEPS, "batch": BATCH},
        "seed": SEEDS[0],
        "versions": library_versions(),
        "judged_images": JUDGED,
        "first_losses": {"loss": first},  # of beta 1 and the first seed
        "rows": rows,
    }
    write_sheets(sheets, RUN, history)
