"""Where the machine's own Chromium or Chrome is, if it has one: Playwright's are not downloaded."""

import shutil

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None)
