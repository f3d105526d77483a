import keras

from gan_helpers.gan import GAN
from tests.small_gans import IMAGES, small_gan


def test_keras_s_own_checkpoint_callbacks_work(tmp_path):
    callbacks = keras.callbacks
    best = callbacks.ModelCheckpoint(
        tmp_path / "best.keras", monitor="generator_loss", mode="min", save_best_only=True
    )
    log = callbacks.CSVLogger(tmp_path / "log.csv")
    gan = small_gan()
    gan.fit(IMAGES, batch_size=4, epochs=2, verbose=0, callbacks=[best, log])
    assert isinstance(keras.models.load_model(tmp_path / "best.keras"), GAN)
    assert (tmp_path / "log.csv").read_text().startswith("epoch,accuracy_on_fake")
