"""A catalog's site in a real browser: what a person does with it, with a mouse, a keyboard, a screen reader or no script."""

from __future__ import annotations

import subprocess

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe

QUIETLY = {"preload": False}
"""axe would load style sheets again, which no page on a disk may."""
SHOWN = "main tbody tr:not([hidden])"


def names(page, table="instancetypes"):
    return page.locator(f"#{table} tbody tr:not([hidden]) th").all_inner_texts()


def count(page):
    return page.locator("#count").inner_text()


def test_the_tables_read_without_javascript(open_page):
    page = open_page(java_script_enabled=False)
    assert page.locator("#instancetypes tbody tr").count() == 65
    assert page.locator("#preferences tbody tr").count() == 54
    assert page.get_by_role("button").count() == 7  # the legend of the plot, which a picture needs anyway
    assert not page.get_by_role("searchbox").is_visible()
    page.get_by_role("link", name="u1.medium", exact=True).click()
    assert page.locator("h1").inner_text() == "u1.medium"
    assert "guest: 4Gi" in page.locator("pre").last.inner_text()


def test_filters_work_as_you_type_and_stand_in_the_address(open_page):
    page = open_page()
    page.get_by_label("Search").fill("server 2022")
    assert (names(page), names(page, "preferences")) == ([], ["windows.2k22", "windows.2k22.virtio"])
    page.get_by_role("button", name="Clear").first.click()
    page.get_by_label("vCPUs from").fill("6")
    page.get_by_label("GiB from").fill("20")
    page.get_by_label("GiB to").fill("32")
    page.get_by_label("Class").select_option("general.purpose")
    assert names(page) == ["u1.2xlarge"]
    assert count(page) == "Shown: 1 instancetypes, 54 preferences"
    page.get_by_label("Class").select_option("")
    page.get_by_label("dedicated CPUs").check()
    assert names(page) == ["cx1.4xlarge", "cx1.4xlarge1gi", "d1.2xlarge", "n1.2xlarge", "rt1.2xlarge"]
    address = page.url
    assert "cpu-min=6" in address
    page.goto("about:blank")
    page.goto(address)
    assert len(names(page)) == 5
    assert page.get_by_label("GiB from").input_value() == "20"


def test_a_description_is_found_although_it_stands_in_no_cell(open_page):
    page = open_page()
    page.get_by_label("Search").fill("packet processing")
    assert set(names(page)) == {f"n1.{size}" for size in ("medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge")}


def test_columns_sort_by_what_they_hold(open_page):
    page = open_page()
    page.locator("#instancetypes").get_by_role("button", name="Memory").click()
    assert names(page)[:3] == ["d1.nano", "o1.nano", "u1.nano"]
    heading = page.locator("#instancetypes th", has_text="Memory")
    assert heading.get_attribute("aria-sort") == "ascending"
    page.locator("#instancetypes").get_by_role("button", name="Memory").click()
    assert names(page)[0].startswith("m1.8xlarge")
    assert heading.get_attribute("aria-sort") == "descending"
    page.locator("#preferences").get_by_role("button", name="Needs vCPUs").click()
    needs = page.locator("#preferences tbody tr td:nth-child(3)").all_inner_texts()
    assert needs == sorted(needs, key=lambda text: (text == "", text))


def test_the_plot_has_every_size_and_filters_by_a_click(open_page):
    page = open_page()
    points = page.locator("#points circle")
    assert points.count() == 65
    first = points.first
    assert first.locator("title").text_content() == "cx1.medium: 1 vCPU, 2Gi"
    first.click()
    assert {name.partition(".")[0] for name in names(page)} == {"cx1"}
    assert page.get_by_role("button", name="cx1").get_attribute("aria-pressed") == "true"
    assert page.locator("#points circle.off").count() == 65 - len(names(page))
    page.get_by_role("button", name="cx1").click()
    assert len(names(page)) == 65


def test_up_to_four_stand_side_by_side(open_page):
    page = open_page()
    for name in ("u1.large", "cx1.large", "rt1.large", "o1.large"):
        page.get_by_label(f"Compare {name}", exact=True).check()
    assert page.get_by_label("Compare u1.nano", exact=True).is_disabled()
    page.get_by_role("button", name="Compare", exact=True).click()
    dialog = page.get_by_role("dialog", name="Side by side")
    row = dialog.get_by_role("row", name="memory.guest").get_by_role("cell")
    assert row.all_inner_texts() == ["8Gi", "4Gi", "8Gi", "8Gi"]
    assert "differs" in dialog.get_by_role("row", name="memory.guest").get_attribute("class")
    assert dialog.get_by_role("row", name="cpu.guest").get_attribute("class") == ""
    dialog.get_by_role("button", name="Close").click()
    page.locator("#chosen").get_by_role("button", name="Clear").click()
    assert not page.locator("#chosen").is_visible()


def test_what_is_shown_can_be_copied_and_is_what_it_says(open_page, command, tmp_path):
    page = open_page("instancetypes/cx1.2xlarge.html", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").first.click()
    page.get_by_role("button", name="Copied").wait_for()
    machine = page.evaluate("navigator.clipboard.readText()")
    assert len(machine.splitlines()) <= 11
    (tmp_path / "vm.yaml").write_text(machine)
    done = subprocess.run(
        [command, "render", "--revisions", "none", str(tmp_path / "vm.yaml")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    rendered = yaml.safe_load(done.stdout)["spec"]["template"]["spec"]
    shown = yaml.safe_load(page.locator("pre").nth(1).inner_text())
    assert shown == {key: rendered[key] for key in shown}
    assert yaml.safe_load(page.locator("pre").nth(2).inner_text())["metadata"]["name"] == "cx1.2xlarge"


def test_a_keyboard_is_enough(open_page):
    page = open_page()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the table"
    page.keyboard.press("/")
    page.keyboard.type("u1.large")
    assert names(page) == ["u1.large"]
    page.get_by_label("Compare u1.large", exact=True).focus()
    page.keyboard.press("Space")
    assert page.get_by_label("Compare u1.large", exact=True).is_checked()
    page.get_by_role("button", name="d1").focus()
    page.keyboard.press("Enter")
    assert names(page) == []
    heading = page.locator("#instancetypes").get_by_role("button", name="vCPUs")
    heading.focus()
    page.keyboard.press("Enter")
    assert page.locator("#instancetypes th[aria-sort=ascending]").count() == 1


PAGES = ("index.html", "instancetypes/cx1.2xlarge.html", "preferences/windows.11.html", "series.html")


@pytest.mark.parametrize(
    ("path", "scheme", "width"),
    [(path, scheme, 1280) for path in PAGES for scheme in ("light", "dark")] + [("index.html", "light", 400)],
)
def test_axe_finds_nothing(open_page, path, scheme, width):
    page = open_page(path, color_scheme=scheme, width=width, reduced_motion="reduce")
    found = Axe().run(page, options=QUIETLY)
    assert found.response["violations"] == []


def test_axe_finds_nothing_in_a_filtered_view_with_the_comparison_open(open_page):
    page = open_page("index.html#family=u1", color_scheme="dark", reduced_motion="reduce")
    for name in ("u1.large", "u1.xlarge"):
        page.get_by_label(f"Compare {name}", exact=True).check()
    assert Axe().run(page, options=QUIETLY).response["violations"] == []
    page.get_by_role("button", name="Compare", exact=True).click()
    assert Axe().run(page, options=QUIETLY).response["violations"] == []


def test_the_theme_is_chosen_and_kept(open_page):
    page = open_page(color_scheme="light")
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == "rgb(255, 255, 255)"
    button = page.get_by_role("button", name="Theme")
    button.click()
    button.click()
    assert (button.inner_text(), page.evaluate(background)) == ("Theme: dark", "rgb(17, 22, 29)")
    page.reload()
    assert page.evaluate(background) == "rgb(17, 22, 29)"


@pytest.mark.parametrize("path", ["index.html", "preferences/windows.11.html"])
def test_nothing_is_wider_than_a_narrow_screen(open_page, path):
    page = open_page(path, width=360)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_it_prints_as_black_text_without_controls(open_page):
    page = open_page(color_scheme="dark")
    page.emulate_media(media="print")
    assert not page.get_by_role("searchbox").is_visible()
    assert not page.get_by_role("button", name="Theme").is_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


HOSTILE = "<script>document.title='owned'</script>\"'><img src=x onerror=document.title='owned'>"


def test_markup_in_names_and_texts_is_shown_as_text(open_page, command, tmp_path):
    item = {
        "apiVersion": "instancetype.kubevirt.io/v1beta1",
        "kind": "VirtualMachineClusterInstancetype",
        "metadata": {
            "name": "ev-il",
            "annotations": {
                "instancetype.kubevirt.io/displayName": HOSTILE,
                "instancetype.kubevirt.io/description": HOSTILE,
            },
        },
        "spec": {"cpu": {"guest": 1, "model": HOSTILE}, "memory": {"guest": "1Gi"}},
    }
    (tmp_path / "evil.yaml").write_text(yaml.safe_dump(item))
    subprocess.run(
        [command, "catalog", "site", "--catalog", "evil.yaml", "--title", HOSTILE, "-O", "site"],
        cwd=tmp_path,
        check=True,
    )
    page = open_page(folder=tmp_path / "site")
    assert page.title() == HOSTILE
    assert page.locator("script").count() == 1
    assert page.locator("img").count() == 0
    assert HOSTILE in page.locator("tbody").inner_text()
    page.get_by_role("link", name="ev-il", exact=True).click()
    assert page.title() == "ev-il"
    assert f"The CPU model is {HOSTILE}." in page.locator("main").inner_text()


def test_two_thousand_objects_filter_while_somebody_types(open_page, command, tmp_path):
    series = "\n---\n".join(
        f"apiVersion: krm-fn.dev/v1alpha1\nkind: InstancetypeSeries\nmetadata: {{name: s{number}}}\n"
        f"spec: {{version: '1', memoryPerVCPU: 2Gi, sizes: {{{', '.join(f'x{size}: {size}' for size in range(1, 21))}}}}}"
        for number in range(100)
    )
    (tmp_path / "many.yaml").write_text(series)
    subprocess.run([command, "catalog", "site", "--catalog", "many.yaml", "-O", "site"], cwd=tmp_path, check=True)
    page = open_page(folder=tmp_path / "site")
    assert page.locator(SHOWN).count() == 2000
    page.get_by_label("Search").fill("s7.x1")
    assert len(names(page)) == 11
    took = page.evaluate(
        "() => { const field = document.querySelector('[name=text]'); const start = performance.now(); field.value = 's9';"
        " field.dispatchEvent(new Event('input', {bubbles: true})); document.body.offsetHeight; return performance.now() - start; }"
    )
    assert took < 2000  # a cliff would be far beyond
