"""Uses the notebooks in JupyterLab as a reader does, with Playwright and the Chromium that CHROMIUM names.

    python jupyterlab.py ADDRESS TOKEN FOLDER SHOTS

ADDRESS is that of a JupyterLab with --LabApp.expose_app_in_browser=True, FOLDER the copies of the notebooks that it serves, SHOTS a
folder for screenshots, or empty. It prints a line for each thing it checks; it ends with 1 if one does not hold. What the reader does goes through
the menus, the buttons and the keys; only what came of it is read from JupyterLab's own model.
"""

import glob
import json
import os
import re
import sys
import time

from playwright.sync_api import sync_playwright

address, token, folder, shots = sys.argv[1:]
AT_ONCE = 2  # notebooks that run beside each other
MOST_BYTES = 2_000_000  # of a saved notebook
failures = []


def check(what, holds, *values):
    print("ok  " if holds else "FAIL", what, *(str(v)[:100 if holds else 1000] for v in values), flush=True)
    if not holds:
        failures.append(what)


class Notebook:
    """A notebook open in a window of its own."""

    def __init__(self, browser, name):
        self.name = name
        self.page = browser.new_page(viewport=dict(width=1280, height=1000))
        self.page.set_default_timeout(60_000)
        self.said = []
        self.page.on("console", lambda m: m.type == "error" and self.said.append(m.text))
        self.page.goto(f"{address}/lab/workspaces/{name}/tree/{name}.ipynb?token={token}&reset")
        self.page.wait_for_function("""() => {
            const panel = window.jupyterapp?.shell?.currentWidget;
            return panel?.content?.model?.cells?.length > 0 && panel.sessionContext?.session?.kernel?.connectionStatus === "connected";
        }""")

    def ask(self, script, *values):
        """What a function body answers that knows the notebook, its code cells and the values v."""
        return self.page.evaluate(f"""(v) => {{
            const panel = jupyterapp.shell.currentWidget, notebook = panel.content;
            const code = notebook.widgets.filter(c => c.model.type === "code");
            {script} }}""", list(values))

    def menu(self, *names):
        for name in names:
            self.page.get_by_role("menuitem", name=re.compile(f"^{re.escape(name)}")).first.click()

    def sources(self):
        return self.ask("return code.map(c => c.model.sharedModel.source)")

    def outputs(self, cell):
        return self.ask("return code[v[0]].model.outputs.toJSON()", cell)

    def text(self, cell):
        return json.dumps(self.outputs(cell), ensure_ascii=False)

    def waiting(self):
        """The code cells that run or wait for their turn."""
        return self.ask("return code.flatMap((c, i) => c.model.executionState === 'running' ? [i] : [])")

    def wait(self, seconds=240):
        """Waits until nothing runs and gives how long that took."""
        begin = time.monotonic()
        while self.waiting():
            if time.monotonic() - begin > seconds:
                raise TimeoutError(f"{self.name}: code cells {self.waiting()} still run after {seconds} s")
            self.page.wait_for_timeout(50)
        return time.monotonic() - begin

    def until(self, cell, pattern, seconds=120):
        """Waits until a cell's outputs have the pattern."""
        begin = time.monotonic()
        while not re.search(pattern, self.text(cell)):
            if time.monotonic() - begin > seconds or cell not in self.waiting():
                raise TimeoutError(f"{self.name}: code cell {cell} shows no {pattern!r}: {self.text(cell)[-600:]}")
            self.page.wait_for_timeout(50)

    def run_all(self):
        self.menu("Run", "Run All Cells")

    def restart_and_run_all(self):
        self.menu("Kernel", "Restart Kernel and Run All Cells")
        self.page.get_by_role("dialog").get_by_role("button", name="Confirm Kernel Restart").click()
        self.page.wait_for_function("jupyterapp.shell.currentWidget.content.widgets.some(c => c.model.executionState === 'running')")

    def select(self, cell):
        """Makes a code cell the one that commands act on, in command mode."""
        self.ask("notebook.activeCellIndex = notebook.widgets.indexOf(code[v[0]]); notebook.mode = 'command'; notebook.activate()", cell)
        self.page.wait_for_timeout(100)

    def run(self, cell):
        self.select(cell)
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_timeout(100)

    def add(self, source):
        """Types a new code cell under the last one and gives its place."""
        place = len(self.sources())
        self.select(place - 1)
        self.page.keyboard.press("b")
        self.page.wait_for_function("n => jupyterapp.shell.currentWidget.content.widgets.filter(c => c.model.type === 'code').length > n", arg=place)
        self.page.keyboard.press("Enter")
        self.page.wait_for_timeout(200)
        self.page.keyboard.insert_text(source)
        self.page.keyboard.press("Escape")
        return place

    def change(self, cell, old, new):
        """Selects a word of a code cell with a double click and types another."""
        line = self.ask("code[v[0]].node.scrollIntoView({block: 'center'}); return code[v[0]].node.querySelector('.cm-content').id = 'changed'", cell)
        words = self.page.locator(f"#{line} span").get_by_text(old, exact=True)
        words.first.dblclick()
        self.page.keyboard.type(new)
        self.page.keyboard.press("Escape")

    def interrupt(self):
        self.page.locator(".jp-NotebookPanel-toolbar [data-command='notebook:interrupt-kernel'], "
                          ".jp-NotebookPanel-toolbar [data-jp-item-name='interrupt'] jp-button").first.click()

    def save(self):
        self.page.keyboard.press("Control+s")
        self.page.wait_for_function("!jupyterapp.shell.currentWidget.context.model.dirty")
        with open(self.file(), encoding="utf-8") as f:
            return json.load(f)

    def file(self):
        return os.path.join(folder, self.name + ".ipynb")

    def shot(self, name, cell=None):
        if not shots:
            return
        if cell is not None:
            self.ask("code[v[0]].node.scrollIntoView({block: 'center'})", cell)
            self.page.wait_for_timeout(300)
        self.page.screenshot(path=os.path.join(shots, name + ".png"))

    def close(self):
        self.ask("return panel.sessionContext.shutdown()")
        self.page.close()


def errors(outputs):
    return [o.get("evalue") for o in outputs if o["output_type"] == "error"]


def progress_lines(outputs):
    """The outputs that are a line of progress."""
    return [text for text in ("".join(o.get("data", {}).get("text/html", "")) for o in outputs) if "font-family:monospace" in text and " · " in text]


def judge(n):
    """After all cells ran: none failed, every one shows its figure, progress takes one line a training, the file is small."""
    failed, bare, crowded = [], [], []
    for i in range(len(n.sources())):
        outputs = n.outputs(i)
        if errors(outputs) or re.search(r"\bexit status \d", json.dumps([o for o in outputs if o["output_type"] == "stream"])):
            failed.append((i, n.text(i)[-400:]))
        if "figure" in n.ask("return code[v[0]].model.getMetadata('tags') ?? []", i) and "image/png" not in n.text(i):
            bare.append(i)
        if any(not re.search(r" · in [\d minhs]+<", line) for line in progress_lines(outputs)):
            crowded.append((i, progress_lines(outputs)))
    check(f"{n.name}: {len(n.sources())} cells ran without an error", not failed, *failed)
    check(f"{n.name}: every figure is there", not bare, *bare)
    check(f"{n.name}: progress leaves one line for each training, its last", not crowded, *crowded)
    n.save()
    size = os.path.getsize(n.file())
    check(f"{n.name}: saved with its outputs it takes less than 2 MB", size < MOST_BYTES, f"{size / 1e6:.2f} MB")


def change_and_run_again(n):
    """The number of training images of each class."""
    cell = next(i for i, s in enumerate(n.sources()) if "SampleImages(lab, 12)" in s)
    before = n.text(cell)
    n.change(cell, "12", "5")
    check("a number can be changed in place", "SampleImages(lab, 5)" in n.sources()[cell], n.sources()[cell])
    n.run(cell)
    n.wait()
    check("the changed cell shows another figure", n.text(cell) != before and "The first 5 training images" in n.text(cell) and not errors(n.outputs(cell)))
    n.shot("changed", cell)


def cell_of(*body):
    return "%%\nexperiments.Cell(func(ctx context.Context, lab *experiments.Lab) error {\n\t" + "\n\t".join(body) + "\n})"


def interrupt_long_cell(n):
    """A training of many epochs: its progress, and that the square button stops it."""
    long = n.add(cell_of('cfg := lab.Config("ae", 2, 0)', "cfg.Epochs = 100000", "_, err := lab.Train(ctx, cfg)", "return err"))
    after = n.add(cell_of('show.Markdown("the kernel goes on")', "return nil"))
    n.run(long)
    n.until(long, r"left · epoch \d+ of 100000, train [\d.]+")
    first = n.text(long)
    n.page.wait_for_timeout(1500)
    lines = progress_lines(n.outputs(long))
    check("progress is one line that goes on in place, with epoch, loss and time left", len(lines) == 1 and n.text(long) != first
          and re.search(r" steps · .* left · epoch \d+ of 100000, train [\d.]+.* nats per image", lines[0]), *lines)
    n.shot("progress", long)
    n.interrupt()
    took = n.wait(20)
    check("an interrupted cell stops within 2 s", took < 2 and "interrupted" in n.text(long), f"{took:.2f} s", n.text(long)[-500:])
    n.shot("interrupted", long)
    n.run(after)
    n.wait()
    check("the kernel goes on with the next cell", "the kernel goes on" in n.text(after) and not errors(n.outputs(after)))


def interrupt_compiling_cell(n):
    """A cell that was not compiled before: the button stops it while it still is."""
    compiling = n.add(cell_of(f'show.Markdown("it was compiled at {time.time()}")', "return nil"))
    n.run(compiling)
    n.page.wait_for_timeout(300)
    n.interrupt()
    took = n.wait(20)
    check("an interrupt while a cell compiles stops it within 2 s", took < 2 and errors(n.outputs(compiling)) and "it was compiled" not in
          json.dumps([o for o in n.outputs(compiling) if o["output_type"] == "display_data"]), f"{took:.2f} s", n.text(compiling)[-500:])
    n.run(compiling)
    n.wait()
    check("run again, it is compiled and runs", not errors(n.outputs(compiling)) and "it was compiled" in n.text(compiling))


def names_are_whole(n):
    """The file browser and the tabs show the names of the notebooks without cutting them off."""
    cut = n.page.evaluate("""() => [...document.querySelectorAll(".jp-DirListing-itemText, .lm-TabBar-tabLabel")]
        .filter(e => e.offsetParent && e.textContent.endsWith(".ipynb") && e.scrollWidth > e.clientWidth).map(e => e.textContent)""")
    listed = n.page.locator(".jp-DirListing-itemText").all_inner_texts()
    check("the names of the notebooks are not cut off", not cut and sum(name.endswith(".ipynb") for name in listed) >= len(names), cut, listed)
    n.shot("names")


def write_a_cell(n):
    """Tab completes a name, Shift+Tab shows its documentation, a typo is answered with its own name, and an error is said once."""
    n.run(0)
    n.wait()

    def cursor(cell, line, after):
        n.select(cell)
        n.page.keyboard.press("Enter")
        n.page.wait_for_timeout(200)
        column = n.sources()[cell].split("\n")[line].index(after) + len(after)
        n.ask("code[v[0]].editor.setCursorPosition({line: v[1], column: v[2]}); code[v[0]].editor.focus()", cell, line, column)

    place = n.add(cell_of("lab.", "return nil"))
    cursor(place, 2, "lab.")
    begin = time.monotonic()
    n.page.keyboard.press("Tab")
    n.page.locator(".jp-Completer .jp-Completer-item").first.wait_for()
    took = time.monotonic() - begin
    members = n.page.locator(".jp-Completer .jp-Completer-match").all_inner_texts()
    check("Tab after lab. shows its methods and fields", {"Config", "Data", "Reference", "Train"} <= set(members) and "FolderOf" not in members, f"{took:.1f} s", members)
    n.shot("completion")
    n.page.keyboard.type("Tra")
    n.page.wait_for_timeout(500)
    n.page.keyboard.press("Enter")
    n.page.wait_for_timeout(500)
    check("the chosen name is written", re.search(r"lab\.Train", n.sources()[place]), n.sources()[place])
    n.page.keyboard.press("Escape")

    place = n.add(cell_of('show.Markdown("shown")', "return nil"))
    cursor(place, 2, "show.Mark")
    n.page.keyboard.press("Shift+Tab")
    n.page.locator(".jp-Tooltip").wait_for()
    shown = n.page.locator(".jp-Tooltip").inner_text()
    check("Shift+Tab shows the documentation of a name", "Markdown shows formatted text" in shown, shown[:300])
    n.shot("tooltip")
    n.page.keyboard.press("Escape")

    for typo in ("experiments.Shwo(experiments.SampleImages(lab, 3))", 'show.Markdwon("x")'):
        place = n.add(cell_of(typo, "return nil"))
        n.run(place)
        n.wait()
        name = typo[:typo.index("(")]
        said = json.dumps([o["traceback"] for o in n.outputs(place) if o["output_type"] == "error"])
        check(f"the typo {name} is answered with its own name", f"undefined: {name}" in said and said.count("undefined") == 1, said)
        n.shot("typo", place)

    place = n.add(cell_of('return errors.New("it went wrong")'))
    n.run(place)
    n.wait()
    said = n.text(place)
    check("an error is said once", said.count("it went wrong") == 1 and json.dumps([o.get("traceback", o.get("text")) for o in n.outputs(place)]).count("exit status 1") == 1, said)
    n.shot("error", place)


def leave_alone(n):
    """Ends the controls that wait for a reader, if there are any."""
    for button in n.page.get_by_role("button", name="Done").all():
        button.click()


def explore(n):
    """Controls change the figure; Done and an interrupt end the cell, which keeps its last figure."""
    sources = n.sources()
    point, way, number = (next(i for i, s in enumerate(sources) if name in s) for name in ("ExplorePoint", "ExploreWay", "ExploreDimension"))

    def begin(cell):
        n.run(cell)
        n.page.get_by_role("button", name="Done").wait_for()
        n.ask("code[v[0]].node.scrollIntoView({block: 'start'})", cell)

    def figure(cell):
        return next(html for html in ("".join(o.get("data", {}).get("text/html", "")) for o in n.outputs(cell)) if "<figure" in html)

    def control(role, name):
        return n.page.get_by_role(role, name=re.compile(f"^{name}"))

    def moves(what, cell, act, said):
        before = figure(cell)
        act()
        for _ in range(100):
            if figure(cell) != before and re.search(said, figure(cell)):
                break
            n.page.wait_for_timeout(100)
        check(f"explore: {what}", figure(cell) != before and re.search(said, figure(cell)), figure(cell)[-200:], *n.said)

    n.run(0)
    n.wait()
    begin(point)
    slider = control("slider", "code 1")
    moves("a slider moves the point, and the image follows", point, lambda: slider.fill("90"), "Image decoded at the ring")
    slider.focus()
    moves("an arrow key moves it too, and means nothing else to JupyterLab", point, lambda: n.page.keyboard.press("ArrowLeft"), "Image decoded at the ring")
    n.shot("explore-point")
    moves("one model alone", point, lambda: control("combobox", "model").select_option(index=2), r"at the ring: VAE, d = 2 at")
    for value in range(30, 70):  # faster than figures are drawn
        slider.fill(str(value))
    control("slider", "code 2").fill("10")
    n.page.wait_for_timeout(4000)
    fast = re.search(r"VAE, d = 2 at \(([-\d.]+), ([-\d.]+)\)", n.text(point)).groups()
    slider.fill("68")
    slider.fill("69")
    n.page.wait_for_timeout(2000)
    slow = re.search(r"VAE, d = 2 at \(([-\d.]+), ([-\d.]+)\)", n.text(point)).groups()
    check("explore: moved fast, the last place is shown", fast == slow, fast, slow)
    n.shot("explore-vae")
    n.page.get_by_role("button", name="Done").click()
    n.wait(20)
    check("explore: Done ends the cell, and its last figure stays", not errors(n.outputs(point)) and "image/png" in n.text(point)
          and n.page.get_by_role("button", name="Done").count() == 0, n.text(point)[-300:])

    begin(way)
    moves("a walk between two images", way, lambda: control("slider", "along the line").fill("15"), "here: 75 % of it")
    moves("to another image", way, lambda: control("slider", "to").fill("7"), "and test image 7")
    n.shot("explore-way")
    n.interrupt()
    took = n.wait(20)
    check("explore: an interrupt ends it without an error, and its last figure stays", took < 2 and not errors(n.outputs(way))
          and "and test image 7" in n.text(way), f"{took:.2f} s", n.text(way)[-300:])

    begin(number)
    moves("one number of the code", number, lambda: control("combobox", "number").select_option(index=3), "with number 4 of 16")
    moves("its value", number, lambda: control("slider", "value").fill("0"), "here: −3.00")
    n.shot("explore-number")
    n.page.get_by_role("button", name="Done").click()
    n.wait(20)


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"])
    names = sorted((os.path.basename(f).removesuffix(".ipynb") for f in glob.glob(os.path.join(folder, "*.ipynb"))),
                   key=lambda name: [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)])
    begin = time.monotonic()
    n = Notebook(browser, names[0])
    names_are_whole(n)
    change_and_run_again(n)
    n.restart_and_run_all()
    n.wait()
    judge(n)
    interrupt_long_cell(n)
    interrupt_compiling_cell(n)
    write_a_cell(n)
    n.close()
    n = Notebook(browser, next(name for name in names if name.endswith("-explore")))
    explore(n)
    n.close()
    print(f"     one notebook changed, interrupted and restarted, one explored in {time.monotonic() - begin:.0f} s", flush=True)

    begin = time.monotonic()
    running = []
    names = [name for name in names if name.startswith(("2-", "4-", "14-"))]  # training, tables with many figures, controls
    while names or running:
        while names and len(running) < AT_ONCE:
            running.append(Notebook(browser, names.pop(0)))
            running[-1].run_all()
        for n in [n for n in running if not n.waiting()]:
            judge(n)
            running.remove(n)
            n.shot(n.name)
            n.close()
        for n in running:
            leave_alone(n)
            n.page.wait_for_timeout(200)
    print(f"     three run whole in {time.monotonic() - begin:.0f} s", flush=True)
    browser.close()

print(f"{len(failures)} failed")
sys.exit(1 if failures else 0)
