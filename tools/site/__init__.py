"""What Sphinx does not do for the rendered book by itself. `_config.yml` loads it."""

from pathlib import Path

from tools.site import addresses, archive, cards, edition, lines, scripts

TEMPLATES = Path(__file__).parent / "templates"


def setup(app) -> dict:
    app.connect("config-inited", lambda app, config: config.templates_path.append(str(TEMPLATES)))
    for part in (edition, archive, cards, scripts, addresses, lines):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
