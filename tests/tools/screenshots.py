"""Write docs/images: pictures of the common catalog's site, light and dark, wide and narrow. Review them by eye."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys
import tempfile

from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs" / "images"
KRM_FN = pathlib.Path(sys.executable).parent / "krm-fn"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
STILL = {"reduced_motion": "reduce", "device_scale_factor": 1}
COMPARED = ("u1.large", "cx1.large", "rt1.large")


def main() -> None:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        sys.exit("there is no Chromium to take pictures with")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        subprocess.run([KRM_FN, "catalog", "site", "-O", folder], check=True, stderr=subprocess.DEVNULL)
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        start = pathlib.Path(folder).as_uri()

        def page(path, width, height, scheme):
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, **STILL)
            opened = context.new_page()
            opened.goto(f"{start}/{path}")
            return opened

        page("index.html", 1200, 1000, "light").screenshot(path=IMAGES / "catalog-site.png")
        dark = page("index.html#cpu-min=2&cpu-max=8", 1200, 900, "dark")
        for name in COMPARED:
            dark.get_by_label(f"Compare {name}", exact=True).check()
        dark.get_by_role("button", name="Compare", exact=True).click()
        dark.screenshot(path=IMAGES / "catalog-site-compare.png")
        page("preferences/windows.2k22.virtio.html", 420, 900, "light").screenshot(
            path=IMAGES / "catalog-site-object.png"
        )
        browser.close()


if __name__ == "__main__":
    main()
