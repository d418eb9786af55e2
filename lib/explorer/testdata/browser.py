"""Uses a latent explorer in Chromium, without a network, as readers do.

browser.py PAGE REFERENCE SHOTS: PAGE is the page; REFERENCE a JSON file with codes of each model, the grey levels that the library
decodes of them, and the classes that its classifier predicts of the page's images; SHOTS a folder for screenshots, or
empty. CHROMIUM names the browser. Exits with 1 and says what failed, if anything did.
"""

import base64
import csv
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

    def __init__(self, browser, start="", **screen):
        self.context = browser.new_context(offline=True, **screen)
        self.page = self.context.new_page()
        self.said, self.asked = [], []
        self.page.on("console", lambda m: self.said.append(m.text))
        self.page.on("pageerror", lambda e: self.said.append(str(e)))
        self.page.on("request", lambda r: self.asked.append(r.url))
        self.page.goto("file://" + os.path.abspath(page_file) + start)
        self.page.wait_for_selector("html[data-ready]", timeout=20_000)
        self.settle()

    def settle(self, ms=700):
        """Waits until codes stand still and what was asked for is drawn."""
        self.page.wait_for_timeout(ms)
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def ask(self, script, *values):
        return self.page.evaluate(f"(v) => {{ const {{panels, look, work}} = explorer; {script} }}", list(values))

    def finish(self):
        """Waits until backgrounds, pictures and samples are complete."""
        for _ in range(1200):
            self.settle(100)
            if self.ask("return work.pieces.size === 0"):
                break
        self.settle(100)

    def of(self, image, model=0):
        """The position of an image's point on the screen."""
        return self.ask("""const [i, m] = v, {plane, canvas} = panels[m], [x, y] = plane.toPixel(plane.place(i)), box = canvas.getBoundingClientRect();
            return [box.left + canvas.clientLeft + x, box.top + canvas.clientTop + y];""", image, model)

    def picture(self, name, model=0):
        """The grey levels shown, [width, height, levels]."""
        return self.ask("""const shown = ["image", "near"].includes(v[0]) ? document.getElementById("picture-" + v[0]) : panels[v[1]].picture(v[0]), c = new OffscreenCanvas(shown.width, shown.height);
            const context = c.getContext("2d", {willReadFrequently: true}); // a copy: the page itself reads nothing back
            context.drawImage(shown, 0, 0);
            const d = context.getImageData(0, 0, c.width, c.height).data;
            return [c.width, c.height, Array.from({length: d.length / 4}, (_, i) => 255 - d[4 * i])];""", name, model)

    def ground(self, model=0):
        return self.ask("return panels[v[0]].plane.ground.toDataURL().length + panels[v[0]].plane.ground.toDataURL().slice(-4000)", model)

    def text(self):
        return self.page.locator("#place").inner_text()

    def caption(self):
        return self.page.locator("#line-text").inner_text()

    def shot(self, name):
        if shots:
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
    """Decoders and the classifier compute what the library does."""
    with open(reference_file) as f:
        reference = json.load(f)
    for space, models in enumerate(reference["spaces"]):
        r.ask("explorer.open(v[0], 0)", space)
        for m, model in enumerate(models):
            want = base64.b64decode(model["levels"])
            most, count = r.ask("""const want = Uint8Array.from(atob(v[2]), c => c.charCodeAt(0));
                let most = 0, i = 0;
                for (const code of v[1]) for (const level of panels[v[0]].model.decode(code)) most = Math.max(most, Math.abs(level - want[i++]));
                return [most, i]""", m, model["codes"], model["levels"])
            check(f"{model['name']}: {len(model['codes'])} codes decoded as by the library, to within 2 of 255", len(model["codes"]) >= 1000
                  and count == len(want) == 784 * len(model["codes"]) and most <= 2, "largest difference", most, "largest level", max(want))
            off = r.ask("""const {model} = panels[v[0]], n = look.labels.length;
                let error = 0, size = 0;
                for (let i = 0; i < n; i += 5) explorer.encode(model.encoder, explorer.image(i)).forEach((c, j) => {
                    error += (c - model.code(i)[j]) ** 2;
                    size += model.code(i)[j] ** 2;
                });
                return Math.sqrt(error / size)""", m)
            check(f"{model['name']}: images are encoded to their codes", off < .08, f"off by {off:.4f} of their size")
    want = base64.b64decode(reference["classes"])
    got = r.ask("return Array.from(look.labels, (_, i) => { const p = Array.from(explorer.classifier.classify(explorer.image(i))); return p.indexOf(Math.max(...p)); })")
    same = sum(a == b for a, b in zip(got, want)) / len(want)
    check("the classifier answers as the library's does", len(got) == len(want) and same >= .97, f"{same:.4f}")
    r.ask("explorer.open(0, 0)")


def mouse(r):
    """Hover, move, drag, zoom, classes, background."""
    for model in (0, 1):
        a, b = apart(r, model)
        r.page.mouse.move(*r.of(a, model))
        r.settle(150)
        image, label = r.ask("return [Array.from(explorer.image(v[0])), look.classes[look.labels[v[0]]]]", a)
        check(f"model {model}: hovering shows the image", r.picture("image")[2] == image)
        check(f"model {model}: and its class", label in r.text(), r.text())
        back = r.ask("return Array.from(panels[v[1]].model.decode(panels[v[1]].model.code(v[0])))", a, model)
        check(f"model {model}: and its reconstruction", r.picture("back", model)[2] == back and max(back) > 0)
        check(f"model {model}: the other model decodes it at its own code", r.picture("here", 1 - model)[2] == r.picture("back", 1 - model)[2])
        check(f"model {model}: the nearest images begin with it", [v for row in range(28) for v in r.picture("near")[2][6 * 28 * row:6 * 28 * row + 28]] == image)
        place = r.ask("""const [m] = v, {plane, canvas} = panels[m], box = canvas.getBoundingClientRect(), n = look.labels.length;
            for (let y = 30; y < plane.size; y += 7) for (let x = 30; x < plane.size; x += 7) {
                if (plane.nearest(plane.toCode(x, y), 12) < 0) return [box.left + canvas.clientLeft + x, box.top + canvas.clientTop + y];
            }""", model)
        r.page.mouse.move(*place)
        r.settle(150)
        here = r.ask("return Array.from(panels[v[0]].model.decode(panels[v[0]].map.code(panels[v[0]].cursor)))", model)
        check(f"model {model}: elsewhere it shows what is decoded there", r.picture("here", model)[2] == here)
        check(f"model {model}: and nothing stale in the other plane", r.picture("here", 1 - model)[2] == [255] * 784 and r.picture("image")[2] == [255] * 784)
        check(f"model {model}: it says how far from the data and which class", "the data;" in r.page.locator(f"[data-text=here][data-model='{model}']").inner_text())
        r.page.mouse.move(*r.of(a, model))
        r.page.mouse.down()
        r.page.mouse.move(*r.of(b, model), steps=6)
        r.page.mouse.up()
        r.settle(150)
        for m in (model, 1 - model):
            ends = r.ask("return [v[0], v[1]].map(i => Array.from(panels[v[2]].model.decode(panels[v[2]].model.code(i))))", a, b, m)
            way = r.picture("between", m)
            check(f"model {model}: dragging shows what lies between, in model {m} too", way[0] == 9 * 28 and tile(way, 0) == ends[0] and tile(way, 8) == ends[1], r.caption())
    r.page.locator("#remove").click()
    r.settle(150)
    check("a button removes the line", not r.page.locator("[data-picture=between]").first.is_visible())
    before = r.ground()
    r.page.mouse.move(*r.of(0, 0))
    r.page.mouse.wheel(0, -600)
    r.settle(150)
    check("the wheel enlarges", r.ask("return panels[0].plane.view.side < .8 * panels[0].plane.whole.side"))
    corner = r.ask("return panels[0].plane.view.x")
    r.page.locator("[data-move]").first.click()
    box = r.page.locator("canvas.plane").first.bounding_box()
    r.page.mouse.move(box["x"] + 200, box["y"] + 200)
    r.page.mouse.down()
    r.page.mouse.move(box["x"] + 250, box["y"] + 190, steps=4)
    r.page.mouse.up()
    check("Move moves it", r.ask("return panels[0].plane.view.x") < corner and r.ask("return explorer.line") is None)
    r.page.locator("[data-move]").first.click()
    r.page.locator("[data-zoom=all]").first.click()
    r.finish()
    check("the button shows the whole plane", r.ask("return panels[0].plane.view.side === panels[0].plane.whole.side"))
    seen = {}
    for shade in ("none", "few", "far"):
        r.page.select_option("#shade", shade)
        r.settle(150)
        r.finish()
        seen[shade] = r.ground()
        if shade != "none":
            check(f"background {shade}: some places are beyond the threshold, some are not", r.ask("const {values} = panels[0].plane.shade; return values.some(v => v > 1) && values.some(v => v <= 1)"))
        r.shot(f"background-{shade}")
    check("backgrounds differ", len(set(seen.values())) == 3)
    for show in ("density", "pictures", "points"):
        r.page.select_option("#show", show)
        r.settle(150)
        r.finish()
        seen[show] = r.ground()
        r.shot(f"show-{show}")
    check("images are shown in three ways", len({seen[s] for s in ("density", "pictures", "points")}) == 3)
    for colour in r.page.locator("#colour option").evaluate_all("all => all.map(o => o.value)"):
        r.page.select_option("#colour", colour)
        r.settle(150)
        r.finish()
        seen[colour] = r.ground()
    check("every colour is another", len({seen[c] for c in seen if c == "class" or c == "distance" or c.startswith("cluster")}) >= 4)
    r.page.select_option("#colour", "class")
    r.settle(150)
    before = r.ground()
    r.page.evaluate("document.getElementById('classes').open = true")
    r.page.locator("#classes input").nth(1).uncheck()
    r.settle(150)
    check("a class can be left out", r.ground() != before)
    r.page.locator("[data-single='2']").click()
    check("and be the only one", r.ask("return [look.hidden.has(1), look.hidden.has(2), look.hidden.size === look.classes.length - 1]") == [True, False, True])
    r.page.locator("#all").click()
    places = [r.ask("""const {plane, canvas} = panels[v[0]], box = canvas.getBoundingClientRect();
        for (let y = 30; y < plane.size; y += 7) for (let x = 30; x < plane.size; x += 7)
            if (plane.nearest(plane.toCode(x, y), 12) < 0) return [box.left + canvas.clientLeft + x, box.top + canvas.clientTop + y];""", model) for model in (0, 1)]
    r.page.mouse.move(*places[0])
    r.ask("explorer.toggleLine()")
    r.page.mouse.click(*places[1])
    r.settle(150)
    check("a line between the planes is refused in words", "both ends in one plane" in r.caption(), r.caption())
    r.ask("explorer.removeLine()")
    counts = r.page.locator("#classes .count").all_inner_texts()
    check("classes have counts", sum(map(int, counts)) == r.ask("return look.labels.length"), counts)


def keyboard(r):
    """The same without a pointer."""
    r.page.locator("#epoch").focus()
    before = r.ask("return Array.from(panels[0].plane.points)")
    r.page.keyboard.press("Home")
    r.settle()
    r.finish()
    check("the epochs move the codes", r.ask("return Array.from(panels[0].plane.points)") != before and r.page.locator("#epoch-text").inner_text() == "0")
    r.page.locator("#draw").click()
    r.settle(900)
    check("drawing goes to the last epoch", r.ask("return look.last && panels[0].samples.length > 0"))
    r.ask("explorer.clear(); explorer.showEpoch(0)")
    r.settle(900)
    check("a picture of the epoch is shown", r.ask("return explorer.panels[0].side()") > 1 and max(r.picture("here")[2]) > 0 and r.picture("back")[2] == [255] * 784)
    check("with its ACC", "ACC" in r.page.locator(".state").first.inner_text(), r.page.locator(".state").first.inner_text())
    r.page.select_option("#show", "pictures")
    r.settle()
    r.shot("epoch-0")
    r.page.select_option("#show", "points")
    r.page.locator("#epoch").focus()
    r.page.keyboard.press("ArrowRight")
    r.settle()
    check("the next epoch has a loss", "nats" in r.page.locator(".state").first.inner_text(), r.page.locator(".state").first.inner_text())
    r.page.keyboard.press("End")
    r.settle()
    check("the last epoch is back", r.ask("return Array.from(panels[0].plane.points)") == before)
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
    check("what is there is said", "Code" in r.page.locator(".aside").first.inner_text(), r.page.locator(".aside").first.inner_text())
    r.page.keyboard.press("n")
    r.settle(150)
    first = r.picture("image")[2]
    r.page.keyboard.press("Enter")
    for _ in range(3):
        r.page.keyboard.press("n")
    r.page.keyboard.press("Enter")
    r.settle(600)
    check("N and Enter make a line between images", r.picture("between")[0] == 9 * 28 and r.caption().count("test image") == 2, r.caption())
    check("the line is said", "straight line" in r.page.locator(".aside").first.inner_text())
    r.page.keyboard.press("p")
    r.page.keyboard.press("Escape")
    r.settle(150)
    check("Escape removes it", not r.page.locator("[data-picture=between]").first.is_visible() and r.picture("image")[2] != first)
    side = r.ask("return panels[0].plane.view.side")
    r.page.keyboard.press("+")
    check("plus enlarges", r.ask("return panels[0].plane.view.side") < side)
    corner = r.ask("return panels[0].plane.view.x")
    r.page.keyboard.press("Alt+ArrowLeft")
    r.page.keyboard.press("Alt+ArrowLeft")
    check("Alt and arrows move the plane", r.ask("return panels[0].plane.view.x") < corner)
    r.settle(600)
    check("the part that is shown is said", "Shown are" in r.page.locator(".aside").first.inner_text(), r.page.locator(".aside").first.inner_text())
    inside = r.ask("const {plane} = panels[0], {x, y, side} = plane.view; panels[0].cursor = {x: x - side / 2, y}; return {x, y, side}")
    r.page.keyboard.press("+")
    check("plus enlarges the middle if the cursor is not shown", r.ask("const {view} = panels[0].plane; const [was] = v; return view.x > was.x && view.x + view.side < was.x + was.side && view.y > was.y", inside))
    r.page.keyboard.press("0")
    check("0 shows all", r.ask("return panels[0].plane.view.side") == side)


def touch(r):
    """Taps, a swipe and two fingers, on a phone."""
    client = r.context.new_cdp_session(r.page)

    def fingers(kind, *points):
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]})

    def tap(x, y):
        fingers("touchStart", (x, y))
        fingers("touchEnd")
        r.settle(150)

    r.page.locator("canvas.plane").first.evaluate("() => scrollTo(0, 0)")
    a, b = apart(r, 0, 60)
    tap(*r.of(a))
    check("a tap shows an image", r.picture("image")[2] == r.ask("return Array.from(explorer.image(v[0]))", a))
    r.ask("explorer.toggleLine()")
    tap(*r.of(b))
    check("a second tap ends a line", r.picture("between")[0] == 9 * 28 and r.ask("return explorer.line.ended") and "straight line" in r.caption(), r.caption())
    r.shot("phone")
    r.ask("explorer.toggleLine()")
    x, y = r.of(a)
    scrolled = r.page.evaluate("scrollY")
    fingers("touchStart", (x, y))
    for i in range(1, 12):
        fingers("touchMove", (x, y - 12 * i))
        r.settle(16)
    fingers("touchEnd")
    r.settle(300)
    check("a swipe scrolls the page", r.page.evaluate("scrollY") > scrolled)
    check("and does not end a line that is begun", r.ask("return explorer.line.ended") is False)
    r.page.evaluate("scrollTo(0, 0)")
    r.settle(200)
    box = r.page.locator("canvas.plane").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    fingers("touchStart", (x - 20, y))
    fingers("touchStart", (x - 20, y), (x + 20, y))
    for i in range(1, 6):
        fingers("touchMove", (x - 20 - 8 * i, y), (x + 20 + 8 * i, y))
    fingers("touchEnd")
    r.settle(150)
    check("two fingers enlarge", r.ask("return panels[0].plane.view.side < .6 * panels[0].plane.whole.side"))
    check("nor do two fingers", r.ask("return explorer.line.ended") is False)
    r.ask("explorer.removeLine()")
    small = r.page.evaluate("""[...document.querySelectorAll("button, select, input[type=range]")].filter(e => e.checkVisibility() &&
        e.getBoundingClientRect().height < (e.type === "range" ? 14 : 24)).map(e => e.outerHTML.slice(0, 80))""")
    check("what a finger touches is 24 pixels or more", small == [], small)


def tools(r):
    """16 dimensions, drawn codes, finding, an own image, files and the address."""
    for view, kind in (("1.1", "layout"), ("1.0", "linear")):
        r.page.select_option("#view", view)
        r.settle(300)
        check(f"16 dimensions, {kind}", r.ask("return panels.map(p => [p.map.kind, p.model.dim])") == [[kind, 16]] * 2)
        r.page.locator("#draw").click()
        r.settle(150)
        r.finish()
        texts = r.page.locator(".samples").all_inner_texts()
        far = r.ask("return panels.map(p => p.samples.filter(s => s.far).length)")
        check(f"{kind}: 100 codes are drawn and counted", all(f"{n} of 100" in t for n, t in zip(far, texts)), *texts)
        again = r.ask("return v.map(i => { let least = Infinity; const {samples: [s]} = panels[i]; for (let k = 0; k < look.labels.length; k++) { let sum = 0; explorer.image(k).forEach((p, j) => { sum += (p - s.image[j]) ** 2; }); least = Math.min(least, sum); } return Math.sqrt(least) / 255 > explorer.head.far === s.far; })", 0, 1)
        check(f"{kind}: far is what it is said to be", again == [True, True])
        r.shot(f"drawn-{kind}")
    seed = r.ask("return look.drawn.seed")
    r.page.locator("#clear").click()
    r.page.locator("#draw").click()
    check("after Clear, other codes are drawn", r.ask("return look.drawn.seed") == seed + 1)
    r.page.locator("#clear").click()
    r.page.locator("#components summary").click()
    r.page.mouse.move(*r.of(0, 0))
    r.page.mouse.down()
    r.page.mouse.up()
    r.settle(200)
    code, back = r.ask("const p = panels[0]; return [Array.from(p.map.code(p.plane.place(0))), Array.from(p.model.code(0))]")
    link = r.page.locator("#link").bounding_box()
    r.page.mouse.move(link["x"] + 5, link["y"] + 5, steps=8)
    r.settle(150)
    check("what a click has chosen stays when the pointer leaves", r.ask("return look.chosen") == 0, r.text())
    check("a click takes over the image's components", max(abs(a - b) for a, b in zip(code, back)) < .05)
    slider = r.page.locator("[data-component='0.2']")
    slider.focus()
    before = r.picture("here")[2]
    for _ in range(10):
        slider.press("ArrowRight")
    r.settle(200)
    check("a slider changes what is decoded", r.picture("here")[2] != before)
    r.ask("panels[0].map.others.fill(0); explorer.lookAt(5); explorer.showComponents()")
    slider.press("ArrowRight")
    off = r.ask("const p = panels[0], c = p.map.components(p.model.code(5)); return Math.max(...p.map.others.slice(3).map((v, j) => Math.abs(v - c[j + 3])))")
    check("the first step of a slider starts from the image's components", off < 1e-4, off)
    held = "return [...panels[0].map.others]"
    components = r.ask(held)
    x, y = r.of(3, 0)
    r.page.keyboard.down("Shift")
    r.page.mouse.move(x, y)
    r.page.mouse.down()
    r.page.mouse.move(x + 30, y, steps=4)
    r.page.mouse.up()
    r.page.keyboard.up("Shift")
    check("moving the plane leaves the other components", r.ask(held) == components)
    r.page.mouse.move(x + 30, y)
    r.page.mouse.down(button="right")
    r.page.mouse.move(x + 80, y, steps=4)
    r.page.mouse.up(button="right")
    check("the right button draws no line", r.ask("return explorer.line") is None)
    r.page.locator("[data-zoom=all]").first.click()
    r.page.locator("#zero").click()
    check("a button sets them to 0", r.ask("return panels.every(p => p.map.others.every(v => v === 0))"))
    slider.press("ArrowRight")
    r.page.evaluate("location.hash = '#view=1.0&image=' + explorer.head.places[0] + '&hide='")
    r.settle(300)
    check("an address without components has none, and hides no class", r.ask("return panels.every(p => p.map.others.every(v => v === 0)) && look.hidden.size === 0"))
    r.page.locator("#components summary").click()
    r.ask("explorer.lookAt(3)")
    r.page.locator("canvas.plane").first.focus()
    r.page.keyboard.press("ArrowRight")
    check("an arrow key takes over an image's other components", r.ask("const {map, model} = panels[0], of = map.components(explorer.codeOf(model, 3)); return look.chosen === -1 && map.others.every((o, k) => k < 2 || Math.abs(o - of[k]) < 1e-5)"))

    r.page.get_by_text("Find or draw an image").click()
    label = r.ask("return look.classes[look.labels[3]]")
    for text, says in ((label.lower()[:4], "mage" if label.isdigit() else label), ("no such class", "No class begins with"), ("123456", "The nearest number is"), (str(r.ask("return explorer.head.places[3]")), "test image")):
        r.page.fill("#find", text)
        r.page.locator("#go").click()
        check(f"find {text}", says in r.page.locator("#found").inner_text(), r.page.locator("#found").inner_text())
    r.ask("explorer.lookAt(5)")
    r.page.locator("#classes").evaluate("e => { e.open = true; }")
    r.page.locator("#classes input").first.focus()
    r.page.keyboard.press("Enter")
    check("Enter on a checkbox does not search", r.ask("return look.chosen === 5"))
    r.ask("explorer.lookAt(3); look.hidden.add(look.labels[3]); explorer.showClasses()")
    r.page.locator("#go").click()
    check("find shows the class of what it finds", r.ask("return look.chosen === 3 && look.hidden.size === 0"))
    box = r.page.locator("#pad").bounding_box()
    r.page.mouse.move(box["x"] + 30, box["y"] + 30)
    r.page.mouse.down()
    r.page.mouse.move(box["x"] + 80, box["y"] + 80, steps=5)
    r.page.mouse.up()
    r.settle(200)
    plane = r.page.locator("canvas.plane").first.bounding_box()
    r.page.mouse.move(plane["x"] + 20, plane["y"] + 20)
    r.settle(150)
    mine = r.ask("const p = panels[0], [x, y] = p.plane.toPixel(p.mine()), box = p.canvas.getBoundingClientRect(); return [box.left + p.canvas.clientLeft + x, box.top + p.canvas.clientTop + y]")
    r.page.mouse.move(*mine)
    r.settle(150)
    check("a drawn image is found again in the plane", "image of your own" in r.text(), r.text())
    r.page.mouse.move(box["x"] - 5, box["y"] + 30)
    r.settle(150)
    check("a drawn image is encoded and given back", "image of your own" in r.text() and sum(v > 0 for v in r.picture("image")[2]) > 30 and max(r.picture("back")[2]) > 0)
    r.ask("explorer.line = {from: {image: -2}, to: {image: 3}, ended: true}; explorer.refresh()")
    r.page.locator("#wipe").click()
    r.ask("const {space} = look; explorer.open(1 - space, 0); explorer.open(space, 0)")
    r.settle(200)
    check("a new image removes the line to the old one", r.ask("return explorer.line === null && explorer.own === null"))
    file = os.path.join(os.path.dirname(reference_file), "own.svg")
    with open(file, "w") as f:
        f.write('<svg xmlns="http://www.w3.org/2000/svg" width="60" height="60"><rect width="60" height="60" fill="white"/><rect x="20" y="10" width="20" height="40"/></svg>')
    r.page.set_input_files("#file", file)
    r.settle(300)
    found = r.page.locator("#found").inner_text()
    check("a picture from a file is scaled and inverted", "inverted" in found and r.picture("image")[2][28 * 14 + 14] > 200 and r.picture("image")[2][28 * 14 + 2] == 0, found)
    r.shot("own")

    r.page.select_option("#view", "0.0")
    r.ask("explorer.lookAt(3); explorer.line = {from: {image: 3}, to: {image: 5}, ended: true}; explorer.clear(); look.hidden.add(1); explorer.showClasses(); panels[1].zoom(2, panels[1].cursor)")
    r.page.select_option("#shade", "few")
    r.settle(800)
    state = r.page.evaluate("location.hash")
    with r.page.expect_download() as download:
        r.page.locator("#png").click()
    with open(download.value.path(), "rb") as f:
        check("PNG", f.read(8) == b"\x89PNG\r\n\x1a\n" and download.value.suggested_filename.endswith(".png"))
    with r.page.expect_download() as download:
        r.page.locator("#csv").click()
    with open(download.value.path(), newline="") as f:
        rows = list(csv.DictReader(f))
    place = r.ask("return [...panels[0].map.points.at(-1).slice(0, 2)]")
    check("CSV has the places of the last epoch", all(abs(float(rows[0][axis]) - p) < 1e-4 * max(1, abs(p)) for axis, p in zip("xy", place)), rows[0]["x"], place)
    check("CSV", len(rows) == 2 * r.ask("return look.labels.filter(l => l !== 1).length") and set(rows[0]) >= {"model", "image", "class", "x", "y", "code_1", "code_2"}, list(rows[0]))
    other = Reader(r.context.browser, viewport=dict(width=1366, height=768), start=state)
    same = "return [look.chosen, explorer.line, look.shade, [...look.hidden], panels[1].plane.view.side.toPrecision(4)]"
    check("the address opens the same view", other.ask(same) == r.ask(same), state)
    other.shot("shared")
    other.page.get_by_text("More", exact=True).click()
    other.settle(600)
    check("the link to the help leaves the view as it is", other.ask(same) == r.ask(same), other.page.evaluate("location.hash"))
    other.page.evaluate("location.hash = '#view=0.0&line=1_0.5_-0.25*' + explorer.head.places[2]")
    other.settle(600)
    line = [{"panel": 1, "place": {"x": .5, "y": -.25}}, {"image": 2}]
    check("the address holds a line from a place to an image", other.ask("const {from, to} = explorer.line; return [from, to]") == line and "line=1_0.5_-0.25*" in other.page.evaluate("location.hash"), other.page.evaluate("location.hash"))
    other.page.evaluate("location.hash = 'view=0.0&epoch=0.5&draw=-1.100.1'")
    other.settle(200)
    check("what the address cannot mean is passed over", other.ask("return look.last && look.drawn === null") and other.page.locator("#source").input_value() == "0" and other.page.locator("#problem").is_hidden())
    other.context.close()


def fits(browser):
    """Planes, controls and pictures are seen at once, without scrolling."""
    for width, height, phone, plane in ((1366, 768, False, 350), (1920, 1080, False, 500), (1024, 768, False, 350), (390, 844, True, 170)):
        r = Reader(browser, viewport=dict(width=width, height=height), is_mobile=phone, has_touch=phone)
        r.page.locator("canvas.plane").first.evaluate("() => scrollTo(0, 0)")
        low = r.page.evaluate("""["canvas.plane", "#picture-image", "[data-picture=here]", "#view", "#shade", "#epoch"]
            .map(s => Math.max(...[...document.querySelectorAll(s)].map(e => e.getBoundingClientRect().bottom)))""")
        check(f"{width} x {height}: planes, pictures and controls fit", max(low) <= height, [round(v) for v in low])
        wide = r.page.locator("canvas.plane").first.bounding_box()["width"]
        check(f"{width} x {height}: no button's word is broken", r.page.evaluate("new Set([...document.querySelectorAll('.model .head button')].map(b => b.offsetHeight)).size") == 1)
        check(f"{width} x {height}: the planes are at least {plane} pixels wide", wide >= plane, round(wide))
        r.shot(f"screen-{width}")
        r.context.close()
    r = Reader(browser, viewport=dict(width=1046, height=700))
    r.page.emulate_media(media="print")
    r.settle()
    wide = r.page.locator("canvas.plane").first.bounding_box()["width"]
    check("on paper the planes are large, and the settings are there", wide > 400 and r.page.locator("#view").is_visible() and not r.page.locator("#draw").is_visible(), round(wide))
    r.shot("paper")
    r.context.close()


def names(r):
    """Every part that has a role for assistive technology has a name."""
    closed = "document.querySelectorAll('details:not([open])')"
    r.page.evaluate(f"globalThis.shut = [...{closed}]; for (const d of globalThis.shut) d.open = true")
    tree = r.context.new_cdp_session(r.page).send("Accessibility.getFullAXTree")["nodes"]
    wanted = {"application", "button", "checkbox", "combobox", "slider", "searchbox", "image", "img", "form", "region", "Canvas"}
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
    r.page.evaluate("for (const d of globalThis.shut) d.open = false")


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
    tools(light)
    light.page.select_option("#shade", "far")
    light.asked = [u for u in light.asked if not u.startswith("blob:")]
    light.quiet("light")
    fits(browser)

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
        phone.page.evaluate("Object.assign(document.getElementById('problem'), {hidden: false, textContent: 'It fails.'})")
        check(f"a phone of {width} pixels shows problems", phone.page.locator("#problem").is_visible())
        phone.page.evaluate("document.getElementById('problem').hidden = true")
        check(f"a phone of {width} pixels: nothing is wider", wide <= width, wide)
        names(phone)
        touch(phone)
        phone.quiet(f"phone of {width} pixels")
    browser.close()

print(f"{len(failures)} failed")
sys.exit(1 if failures else 0)
