"""Opens exported pages in Chromium, without a network, as readers do.

browser.py FOLDER SHOTS: FOLDER has the pages; SHOTS, unless it is empty, takes screenshots. CHROMIUM names the browser, and FASHIONLATENT_AXE, if it is set, the
file of axe-core, which then checks the pages for accessibility. Exits with 1 and says what failed, if
anything did.
"""

import glob
import os
import sys
from urllib.parse import unquote, urlparse

from playwright.sync_api import sync_playwright

folder, shots = sys.argv[1:]
failures = 0


def check(what, wrong):
    """Nothing may be wrong."""
    global failures
    if wrong:
        failures += 1
        print("FAIL", what, wrong if wrong is not True else "")


# What is said of pictures, in a page.
PICTURES = """() => [...document.images].filter(i => !i.alt.trim() || !i.complete || !i.naturalWidth).map(i => i.outerHTML.slice(0, 80))"""
LINKS = """() => [...document.querySelectorAll("a[href]")].map(a => a.href)"""
OVERFLOW = """() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"""
GROUND = """() => getComputedStyle(document.body).backgroundColor"""


def visit(browser, name, kind, **screen):
    """Opens a page on a screen of some kind and returns it, with its context and what went wrong meanwhile."""
    context = browser.new_context(offline=True, **screen)
    page = context.new_page()
    said, asked = [], []
    page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: said.append(str(e)))
    page.on("request", lambda r: asked.append(r.url))
    page.goto("file://" + os.path.join(os.path.abspath(folder), name))
    page.wait_for_load_state("load")
    page.wait_for_timeout(100)
    check(f"{name}, {kind}: the console has errors", said)
    check(f"{name}, {kind}: more was asked for than the page", [u for u in asked if not u.startswith(("file:", "data:", "blob:"))]
          or sum(u.startswith("file:") for u in asked) != 1)
    check(f"{name}, {kind}: wider than the screen, in pixels", page.evaluate(OVERFLOW))
    if shots:
        page.screenshot(path=os.path.join(shots, f"{name.removesuffix('.html')}-{kind}.png"), full_page=True)
    return page, context


axe = os.environ.get("FASHIONLATENT_AXE")
if axe:
    with open(axe, encoding="utf-8") as f:
        axe = f.read()


def accessible(page, name, kind):
    """Nothing is wrong by the rules of axe-core, with what can be opened closed and opened."""
    if not axe:
        return
    page.evaluate(axe)
    for state in ("closed", "opened"):
        if state == "opened":
            if not page.query_selector("details:not([open])"):
                break
            page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        check(f"{name}, {kind}, {state}: axe-core", [(v["id"], v["nodes"][0]["html"][:120]) for v in found])


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"])
    names = sorted(os.path.basename(p) for p in glob.glob(os.path.join(folder, "*.html")))
    check("there is no index.html", "index.html" not in names)
    for name in names:
        page, context = visit(browser, name, "wide", viewport=dict(width=1280, height=900))
        check(f"{name}: the page of a notebook, at the smallest scale, takes 2 MB or more", name[0].isdigit() and os.path.getsize(os.path.join(folder, name)) >= 2_000_000)
        check(f"{name}: pictures without words, or not shown", page.evaluate(PICTURES))
        for link in page.evaluate(LINKS):
            if link.startswith("file:"):
                check(f"{name}: a link leads nowhere", not os.path.exists(unquote(urlparse(link).path)) and link)
        accessible(page, name, "wide")
        light = page.evaluate(GROUND)
        page.emulate_media(media="print", color_scheme="dark")
        if name != "explorer.html":
            check(f"{name}: printed on another colour than paper", page.evaluate(GROUND) != "rgb(255, 255, 255)" and page.evaluate(GROUND))
            if shots:
                page.pdf(format="A4", path=os.path.join(shots, name.removesuffix(".html") + ".pdf"))
        page.emulate_media(media="screen", color_scheme="dark")
        check(f"{name}: dark is not dark", page.evaluate(GROUND) == light)
        some = name in ("index.html", "document.html", "explorer.html", "4-comparison.html")  # of each kind
        if some:
            accessible(page, name, "wide and dark")
        context.close()
        page, context = visit(browser, name, "phone", viewport=dict(width=375, height=700), is_mobile=True, has_touch=True)
        if some:
            accessible(page, name, "phone")
            page.emulate_media(color_scheme="dark")
            accessible(page, name, "phone and dark")
        context.close()
    browser.close()

print(f"{len(names)} pages, {failures} failures")
sys.exit(1 if failures or not names else 0)
