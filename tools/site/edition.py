"""Which edition this is, as CITATION.cff says: for the foot of each page, and for who cites it."""

import datetime
import subprocess
from pathlib import Path

import yaml
from docutils import nodes
from docutils.parsers.rst import Directive


def date_of(root: Path) -> datetime.date:
    """The day of the last commit; without git, today."""
    try:
        command = ["git", "log", "-1", "--format=%cs"]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
        return datetime.date.fromisoformat(done.stdout.strip())
    except (OSError, subprocess.CalledProcessError, ValueError):
        return datetime.date.today()


def read_edition(root: Path) -> dict:
    """CITATION.cff's fields; the authors as one text, and `day`: of release, else of change."""
    edition = yaml.safe_load((root / "CITATION.cff").read_text("utf-8"))
    edition["authors"] = " and ".join(author["name"] for author in edition["authors"])
    edition["day"] = edition.get("date-released") or date_of(root)
    return edition


def in_words(edition: dict) -> str:
    """One line for a list of references."""
    where = f" {edition['url']}" if "url" in edition else ""
    return (
        f"{edition['authors']} ({edition['day'].year}). {edition['title']} "
        f"(version {edition['version']}).{where}"
    )


def in_bibtex(edition: dict) -> str:
    fields = {
        "author": f"{{{edition['authors']}}}",  # in a second pair of braces it is one name
        "title": edition["title"],
        "year": edition["day"].year,
        "note": f"Version {edition['version']}",
        "url": edition.get("url"),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return "@book{gan-checked,\n" + ",\n".join(lines) + "\n}"


class HowToCite(Directive):
    """The book as a line of a list of references, and as an entry for BibTeX."""

    def run(self) -> list[nodes.Node]:
        environment = self.state.document.settings.env
        environment.note_dependency(str(Path(environment.srcdir) / "CITATION.cff"))
        edition = read_edition(Path(environment.srcdir))
        entry = in_bibtex(edition)
        return [
            nodes.paragraph(text=in_words(edition)),
            nodes.literal_block(entry, entry, language="bibtex"),
        ]


def state_edition(app, config) -> None:
    edition = read_edition(Path(app.srcdir))
    config.version = config.release = str(edition["version"])
    config.html_context["edition"] = edition


def setup(app) -> None:
    app.connect("config-inited", state_edition)
    app.add_directive("how-to-cite", HowToCite)
