"""What depends on where the book and its repository are, and the pages that only forward.

Nothing here is invented: `_config.yml` may name `html_baseurl`, where the rendered book is, and
`repository_url` among `html_theme_options`. What needs an address that is not named is left out.
"""

from pathlib import Path
from urllib.parse import urljoin
from xml.sax.saxutils import escape

COLAB = "https://colab.research.google.com"
URL_SET = "http://www.sitemaps.org/schemas/sitemap/0.9"


def show_repository(app, config) -> None:
    """The theme's buttons for the source, for an issue and, on GitHub, for Colab."""
    options = config.html_theme_options
    if not options.get("repository_url"):
        return
    for button in ("use_repository_button", "use_source_button", "use_issues_button"):
        options.setdefault(button, True)
    options.setdefault("repository_branch", "main")
    if "github.com" in options["repository_url"]:
        options.setdefault("launch_buttons", {"colab_url": COLAB})


def pages_without_source(app):
    """`index.html` forwards to the first page; `404.html` is for servers.

    A server shows the latter in place of whatever is not there, in any folder, so its links lead
    somewhere only if they start from the book's address.
    """
    base = app.config.html_baseurl
    yield "index", {}, "forward.html"
    yield "404", {"metatags": f'<base href="{escape(base)}">' if base else ""}, "404.html"


def write_sitemap(app, exception) -> None:
    base = app.config.html_baseurl
    if exception or not base or app.builder.name != "html":
        return
    addresses = [
        urljoin(base, app.builder.get_target_uri(page)) for page in sorted(app.env.found_docs)
    ]
    entries = "".join(f"<url><loc>{escape(address)}</loc></url>\n" for address in addresses)
    head = f'<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="{URL_SET}">\n'
    (Path(app.outdir) / "sitemap.xml").write_text(head + entries + "</urlset>\n", "utf-8")


def setup(app) -> None:
    app.connect("config-inited", show_repository)
    app.connect("html-collect-pages", pages_without_source)
    app.connect("build-finished", write_sitemap)
