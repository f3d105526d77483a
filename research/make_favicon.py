"""Draw the book's icon, `book/assets/favicon.png`: one of the digits of the book's first picture.

python -m research.make_favicon
"""

from PIL import Image, ImageDraw, ImageOps

from tools.fingerprint import ROOT

SHEET, ICON = ROOT / "book/assets/one_page.png", ROOT / "book/assets/favicon.png"
ROW, COLUMN = 3, 3  # of the sheet of ten by ten: a bold three
SIDE, CORNER, INK, GROUND = 64, 12, "white", "#1f4e79"


def digit(sheet: Image.Image) -> Image.Image:
    """The digit's ink, from black to white, cut out with a margin."""
    step = sheet.width / 10
    box = (COLUMN * step, ROW * step, (COLUMN + 1) * step, (ROW + 1) * step)
    ink = ImageOps.invert(sheet.convert("L").crop(tuple(map(round, box))))
    bounds = ink.point(lambda grey: 255 * (grey > 100)).getbbox()
    side = SIDE - CORNER
    return ImageOps.pad(ink.crop(bounds), (side, side))


def icon() -> Image.Image:
    drawn = Image.new("RGBA", (SIDE, SIDE))
    ImageDraw.Draw(drawn).rounded_rectangle((0, 0, SIDE - 1, SIDE - 1), CORNER, GROUND)
    ink = digit(Image.open(SHEET))
    place = (CORNER // 2, CORNER // 2)
    drawn.paste(Image.new("RGBA", ink.size, INK), place, ink)
    return drawn


if __name__ == "__main__":
    icon().save(ICON, optimize=True)
