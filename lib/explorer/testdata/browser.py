"""Uses a latent explorer in Chromium, without a network, as readers do.

browser.py PAGE REFERENCE SHOTS: PAGE is the page; REFERENCE a JSON file with the codes of each model and the grey levels that the library
decodes of them; SHOTS a folder for screenshots. CHROMIUM names the browser. Exits with 1 and says what failed, if anything did.
"""

import base64
import json
import os
import sys

from playwright.sync_api import sync_playwright

page_file, reference_file, shots = sys.argv[1:]
failures = []


def check(what, holds, *values):
    print("ok  " if holds else "FAIL", what, *values)
    if not holds:
        failures.append(what)


class Reader:
    """A reader of the page, on a screen of some kind."""

    def __init__(self, browser, **screen):
        self.context = browser.new_context(offline=True, **screen)
        self.page = self.context.new_page()
        self.said, self.asked = [], []
        self.page.on("console", lambda m: self.said.append(m.text))
        self.page.on("pageerror", lambda e: self.said.append(str(e)))
        self.page.on("request", lambda r: self.asked.append(r.url))
        self.page.goto("file://" + os.path.abspath(page_file))
        self.page.wait_for_selector("html[data-ready]", timeout=20_000)
        self.settle()

    def settle(self, ms=700):
        """Waits until codes stand still and what was asked for is drawn."""
        self.page.wait_for_timeout(ms)

    def ask(self, script, *values):
        return self.page.evaluate(f"(v) => {{ const {{panels, look}} = explorer; {script} }}", list(values))

    def of(self, image, model=0):
        """The position of an image's point on the screen."""
        return self.ask("""const [i, m] = v, {plane, canvas} = panels[m], [x, y] = plane.toPixel(plane.place(i)), box = canvas.getBoundingClientRect();
            return [box.left + canvas.clientLeft + x, box.top + canvas.clientTop + y];""", image, model)

    def picture(self, name, model=0):
        """The grey levels shown, [width, height, levels]."""
        return self.ask("""const shown = panels[v[1]].picture(v[0]), c = new OffscreenCanvas(shown.width, shown.height);
            const context = c.getContext("2d", {willReadFrequently: true}); // a copy: the page itself reads nothing back
            context.drawImage(shown, 0, 0);
            const d = context.getImageData(0, 0, c.width, c.height).data;
            return [c.width, c.height, Array.from({length: d.length / 4}, (_, i) => 255 - d[4 * i])];""", name, model)

    def ground(self, model=0):
        return self.ask("return panels[v[0]].plane.ground.toDataURL().length + panels[v[0]].plane.ground.toDataURL().slice(-4000)", model)

    def text(self, model=0):
        return self.page.locator(".place").nth(model).inner_text()

    def caption(self, model=0):
        return self.page.locator(".between .note").nth(model).inner_text()

    def shot(self, name):
        self.page.screenshot(path=os.path.join(shots, name + ".png"), full_page=True)

    def quiet(self, name):
        check(f"{name}: nothing in the console", not self.said, *self.said)
        check(f"{name}: nothing asked for but the page", all(u.startswith(("file:", "data:")) for u in self.asked) and
              sum(u.startswith("file:") for u in self.asked) == 1, *self.asked[:3])


def tile(picture, i):
    """The i-th image of a picture of several, side by side."""
    width, _, levels = picture
    return [levels[row * width + 28 * i + column] for row in range(28) for column in range(28)]


def apart(r, model, distance=150):
    """Two images whose points are alone and some way from each other, as far as there are such."""
    found = r.ask("""const {plane} = panels[v[0]], n = look.labels.length, pixel = i => plane.toPixel(plane.place(i)), found = [];
        for (let i = 0; i < n; i++) {
            const [x, y] = pixel(i);
            const alone = Array.from({length: n}, (_, j) => j).every(j => j === i || Math.hypot(pixel(j)[0] - x, pixel(j)[1] - y) > 2);
            if (alone && found.every(j => Math.hypot(pixel(j)[0] - x, pixel(j)[1] - y) > v[1])) found.push(i);
            if (found.length === 2) return found;
        }
        return found;""", model, distance)
    return found if len(found) == 2 else apart(r, model, distance / 2)


def compare(r):
    """The decoders compute what the library does."""
    with open(reference_file) as f:
        reference = json.load(f)
    for m, model in enumerate(reference):
        want = base64.b64decode(model["levels"])
        got = r.ask("return v[1].map(([x, y]) => Array.from(panels[v[0]].decoder.decode(x, y)))", m, model["codes"])
        most = max(abs(a - b) for a, b in zip((level for image in got for level in image), want))
        check(f"{model['name']}: {len(got)} codes decoded as by the library, to within 2 of 255", len(got) >= 1000 and len(want) == 784 * len(got)
              and most <= 2, "largest difference", most, "largest level", max(want))


def mouse(r):
    """Hover, move, drag, zoom, classes, background."""
    for model in (0, 1):
        a, b = apart(r, model)
        r.page.mouse.move(*r.of(a, model))
        r.settle(150)
        image, label = r.ask("return [Array.from(panels[0].image(v[0])), look.classes[look.labels[v[0]]]]", a)
        check(f"model {model}: hovering shows the image", r.picture("image", model)[2] == image)
        check(f"model {model}: and its class", label in r.text(model), r.text(model))
        back = r.ask("const {x, y} = panels[v[1]].plane.code(v[0]); return Array.from(panels[v[1]].decoder.decode(x, y))", a, model)
        check(f"model {model}: and its reconstruction", r.picture("back", model)[2] == back and max(back) > 0)
        check(f"model {model}: the other plane shows the same image", r.picture("image", 1 - model)[2] == image)
        check(f"model {model}: which it decodes at its own code", r.picture("here", 1 - model)[2] == r.picture("back", 1 - model)[2])
        x, y = r.of(a, model)
        r.page.mouse.move(x + 37, y + 5)
        r.settle(150)
        here = r.ask("const {x, y} = panels[v[0]].cursor; return Array.from(panels[v[0]].decoder.decode(x, y))", model)
        check(f"model {model}: elsewhere it shows what is decoded there", r.picture("here", model)[2] == here)
        r.page.mouse.move(*r.of(a, model))
        r.page.mouse.down()
        r.page.mouse.move(*r.of(b, model), steps=6)
        r.page.mouse.up()
        r.settle(150)
        way = r.picture("between", model)
        end = r.ask("const {x, y} = panels[v[1]].plane.code(v[0]); return Array.from(panels[v[1]].decoder.decode(x, y))", b, model)
        check(f"model {model}: dragging shows what lies between", way[0] == 9 * 28 and tile(way, 0) == back and tile(way, 8) == end, r.caption(model))
    before = r.ground()
    r.page.mouse.wheel(0, -300)
    r.page.mouse.move(*r.of(0, 0))
    r.page.mouse.wheel(0, -300)
    r.settle(150)
    check("the wheel enlarges", r.ask("return panels[0].plane.view.side < .8 * panels[0].plane.whole.side") and r.ground() != before)
    r.page.locator("[data-zoom=all]").first.click()
    r.settle(150)
    check("the button shows the whole plane", r.ground() == before)
    for shade in ("-1", "1", "0"):
        r.page.select_option("#shade", shade)
        r.settle(150)
        check(f"background {shade} changes the plane", (r.ground() != before) == (shade != "0"))
        r.shot(f"background-{shade}")
    check("a background has holes", r.ask("return panels[0].plane.shades[0].values.some(v => v > look.hole)"))
    r.page.locator("#classes input").nth(1).uncheck()
    r.settle(150)
    check("a class can be left out", r.ground() != before)
    r.page.get_by_role("button", name="All", exact=True).click()


def keyboard(r):
    """The same without a pointer."""
    r.page.locator("#play").focus()
    r.page.keyboard.press("Tab")
    check("Tab leads to the epochs", r.page.evaluate("document.activeElement.id") == "epoch")
    before = r.ground()
    r.page.keyboard.press("Home")
    r.settle()
    first = r.ground()
    check("the epochs move the codes", first != before and r.page.locator("#epoch-text").inner_text() == "0")
    check("no place is decoded before the last epoch", r.picture("here")[2] == [255] * 784 and "after epoch" in r.caption())
    r.shot("epoch-0")
    r.page.keyboard.press("ArrowRight")
    r.settle()
    check("the next epoch is another", r.ground() != first)
    r.page.keyboard.press("End")
    r.settle()
    check("the last epoch is back", r.ground() == before)
    for _ in range(60):
        r.page.keyboard.press("Tab")
        if r.page.evaluate("document.activeElement.matches('canvas.plane')"):
            break
    check("Tab leads to a plane", r.page.evaluate("document.activeElement === explorer.panels[0].canvas"))
    before = r.text()
    r.page.keyboard.press("ArrowLeft")
    r.page.keyboard.press("ArrowUp")
    r.settle(600)
    check("arrows move", r.text() != before, r.text())
    check("what is there is said", "Code" in r.page.locator(".aside").first.inner_text())
    r.page.keyboard.press("n")
    r.settle(150)
    first = r.picture("image")[2]
    r.page.keyboard.press("Enter")
    for _ in range(3):
        r.page.keyboard.press("n")
    r.page.keyboard.press("Enter")
    r.settle(600)
    check("N and Enter make a way between images", r.picture("between")[0] == 9 * 28 and r.caption().count("test image") == 2, r.caption())
    check("the way is said", "straight line" in r.page.locator(".aside").first.inner_text())
    r.page.keyboard.press("p")
    r.page.keyboard.press("Escape")
    r.settle(150)
    check("Escape removes it", not r.page.locator("[data-picture=between]").first.is_visible() and r.picture("image")[2] != first)
    side = r.ask("return panels[0].plane.view.side")
    r.page.keyboard.press("+")
    check("plus enlarges", r.ask("return panels[0].plane.view.side") < side)
    r.page.keyboard.press("0")
    check("0 shows all", r.ask("return panels[0].plane.view.side") == side)


def touch(r):
    """Taps, a drag and two fingers, on a phone."""
    client = r.context.new_cdp_session(r.page)

    def fingers(kind, *points):
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]})

    r.page.locator("canvas.plane").first.evaluate("c => c.scrollIntoView({block: 'center'})")
    a, b = apart(r, 0, 60)
    x, y = r.of(a)
    fingers("touchStart", (x, y))
    fingers("touchEnd")
    r.settle(150)
    check("a tap shows an image", r.picture("image")[2] == r.ask("return Array.from(panels[0].image(v[0]))", a) and "test image" in r.text(), r.text())
    p, q = r.of(b)
    scrolled = r.page.evaluate("scrollY")
    fingers("touchStart", (x, y))
    for i in range(1, 6):
        fingers("touchMove", (x + (p - x) * i / 5, y + (q - y) * i / 5))
    fingers("touchEnd")
    r.settle(150)
    check("a finger draws a way, and the page stays", r.picture("between")[0] == 9 * 28 and "straight line" in r.caption()
          and r.page.evaluate("scrollY") == scrolled, r.caption())
    r.shot("phone")
    box = r.page.locator("canvas.plane").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    fingers("touchStart", (x - 20, y), (x + 20, y))
    for i in range(1, 6):
        fingers("touchMove", (x - 20 - 8 * i, y), (x + 20 + 8 * i, y))
    fingers("touchEnd")
    r.settle(150)
    check("two fingers enlarge", r.ask("return panels[0].plane.view.side < .6 * panels[0].plane.whole.side"))
    small = r.page.evaluate("""[...document.querySelectorAll("button, select, input[type=range]")].filter(e => e.getBoundingClientRect().width < 24
        || e.closest("label, .control, fieldset, .head").getBoundingClientRect().height < 24).length""")
    check("what a finger touches is 24 pixels or more", small == 0)


def names(r):
    """Every part that has a role for assistive technology has a name."""
    tree = r.context.new_cdp_session(r.page).send("Accessibility.getFullAXTree")["nodes"]
    wanted = {"application", "button", "checkbox", "combobox", "slider", "image", "img", "form", "group", "region", "Canvas"}
    seen, nameless = set(), []
    for node in tree:
        role = node.get("role", {}).get("value")
        if node.get("ignored") or role not in wanted:
            continue
        seen.add(role)
        if role == "application":
            check("a plane says its keys", "arrow keys" in node.get("description", {}).get("value", ""))
        if not node.get("name", {}).get("value"):
            nameless.append(role)
    check("everything has an accessible name", not nameless and {"application", "button", "checkbox", "combobox", "slider"} <= seen, nameless, sorted(seen))
    bare = r.page.evaluate("""[...document.querySelectorAll("canvas")].filter(c => !c.getAttribute("aria-label")).length""")
    check("every picture has one", bare == 0)


def contrast(r, name):
    """Text stands out from its ground by 4.5 to 1 or more (WCAG 2.2, 1.4.3)."""
    ratios = r.page.evaluate("""() => {
        const style = getComputedStyle(document.documentElement), light = n => {
            const [r, g, b] = [1, 3, 5].map(i => parseInt(style.getPropertyValue(n).trim().slice(i, i + 2), 16) / 255)
                .map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);
            return .2126 * r + .7152 * g + .0722 * b;
        };
        const ratio = (a, b) => (Math.max(light(a), light(b)) + .05) / (Math.min(light(a), light(b)) + .05);
        return ["--text", "--faint", "--warn"].flatMap(t => ["--ground", "--panel"].map(g => ratio(t, g)));
    }""")
    check(f"{name}: text stands out", min(ratios) >= 4.5, f"{min(ratios):.2f}")


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"])
    desk = dict(viewport=dict(width=1280, height=1000))
    light = Reader(browser, **desk, color_scheme="light")
    light.shot("light")
    compare(light)
    names(light)
    contrast(light, "light")
    keyboard(light)
    light.page.reload()
    light.page.wait_for_selector("html[data-ready]")
    light.settle()
    light.asked.pop()
    mouse(light)
    light.shot("light-used")
    light.quiet("light")

    dark = Reader(browser, **desk, color_scheme="dark")
    dark.shot("dark")
    contrast(dark, "dark")
    grounds = [r.page.evaluate("getComputedStyle(document.body).backgroundColor") for r in (light, dark)]
    check("dark is dark", grounds[0] != grounds[1] and light.ground() != dark.ground(), *grounds)
    dark.page.emulate_media(color_scheme="light")
    dark.settle()
    check("and turns light when asked to", dark.page.evaluate("getComputedStyle(document.body).backgroundColor") == grounds[0])
    dark.quiet("dark")

    for width in (320, 375):
        phone = Reader(browser, viewport=dict(width=width, height=700), has_touch=True, is_mobile=True, device_scale_factor=2)
        wide = phone.page.evaluate("document.scrollingElement.scrollWidth")
        check(f"a phone of {width} pixels: nothing is wider", wide <= width, wide)
        names(phone)
        touch(phone)
        phone.quiet(f"phone of {width} pixels")
    browser.close()

print(f"{len(failures)} failed")
sys.exit(1 if failures else 0)
