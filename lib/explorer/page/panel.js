// A panel: one model's plane and pictures, and what readers do to it.

const between = 9; // images on a line, both ends included
const near = 6; // nearest test images that are shown
const reach = {mouse: 8, touch: 18}; // how near to a point counts as on it, in pixels
const dragged = 5; // pixels a pointer moves before it draws a line
const own = -2; // stands for the reader's own image among the images; -1 is none

const number = v => v.toFixed(2).replace("-", "−");
const percent = v => `${Math.round(100 * v)}\u00a0%`;

class Panel {
	constructor(section, index, page) {
		this.index = index;
		this.page = page;
		this.canvas = section.querySelector(".plane");
		this.plane = new Plane(this.canvas, page.look);
		this.state = section.querySelector(".state");
		this.aside = section.querySelector(".aside");
		this.cursor = null; // {x, y}
		this.samples = [];
		this.pointers = new Map(); // those that are down
		this.listen(section);
	}

	get name() { return this.model.name; }

	/** Shows a model by one of its maps. */
	open(model, map) {
		this.model = model;
		this.map = model.maps[map];
		this.plane.open(this.map);
		this.cursor = null;
		this.samples = [];
		this.shaded = this.pictured = ""; // the plane has neither
		this.colour();
	}

	picture(name) { return document.querySelector(`[data-model="${this.index}"][data-picture=${name}]`); }

	text(name) { return document.querySelector(`[data-model="${this.index}"][data-text=${name}]`); }

	// ---- What readers do

	listen(section) {
		const on = (type, f) => this.canvas.addEventListener(type, f);
		on("pointerdown", e => this.down(e));
		on("pointermove", e => this.move(e));
		on("pointerup", e => this.up(e));
		on("pointercancel", e => {
			this.up(e);
			this.page.restore(); // the touch became a scroll
		});
		on("pointerleave", e => { if (e.pointerType === "mouse" && !e.buttons) this.page.restore(); });
		this.canvas.addEventListener("touchstart", e => { if (e.touches.length > 1) e.preventDefault(); }, {passive: false});
		on("wheel", e => {
			if (e.deltaY > 0 && !this.plane.enlarged) return; // nothing to reduce: the page scrolls
			e.preventDefault();
			this.zoom(Math.exp(-e.deltaY / 400), this.at(e));
		});
		on("keydown", e => {
			if (!e.ctrlKey && !e.metaKey && this.key(e.key, e.shiftKey, e.altKey)) e.preventDefault();
		});
		for (const button of section.querySelectorAll("[data-zoom]")) {
			button.addEventListener("click", () => this.zoom({in: 1.6, out: 1 / 1.6, all: 0}[button.dataset.zoom]));
		}
		this.mover = section.querySelector("[data-move]");
		this.mover.addEventListener("click", () => this.moving(!this.canvas.classList.contains("moving")));
	}

	/** Whether dragging moves the plane instead of drawing a line. */
	moving(on) {
		this.canvas.classList.toggle("moving", on);
		this.mover.setAttribute("aria-pressed", on);
	}

	at(e) {
		const box = this.canvas.getBoundingClientRect();
		return this.plane.toCode(e.clientX - box.left - this.canvas.clientLeft, e.clientY - box.top - this.canvas.clientTop);
	}

	/** Puts the cursor at a place, and chooses the image there. */
	go(place, distance) {
		const mine = this.mine(), near = mine && Math.hypot(mine.x - place.x, mine.y - place.y) * this.plane.size <= distance * this.plane.view.side;
		const image = near ? own : this.plane.nearest(place, distance);
		this.page.choose(image, this);
		if (image === -1) this.cursor = place;
		this.page.refresh();
	}

	/** Where the reader's own image lies; null if there is none. */
	mine() { return this.page.own && this.page.look.last ? this.page.placeOf(this, own) : null; }

	down(e) {
		if (e.button > 1) return; // the context menu
		this.canvas.setPointerCapture(e.pointerId);
		this.canvas.focus({preventScroll: true, focusVisible: false});
		this.pointers.set(e.pointerId, {x: e.clientX, y: e.clientY});
		this.go(this.at(e), reach[e.pointerType] ?? reach.touch);
		const pans = e.shiftKey || e.button === 1 || this.canvas.classList.contains("moving");
		this.start = this.pointers.size === 1 ? {end: this.page.here(), px: e.clientX, py: e.clientY, pans, touch: e.pointerType === "touch"} : null;
	}

	move(e) {
		const before = this.pointers.get(e.pointerId);
		if (before && !e.buttons) return this.up(e); // the release went elsewhere
		if (before && this.pointers.size === 2) return this.pinch(e);
		if (before && this.start?.pans) {
			this.plane.pan(e.clientX - before.x, e.clientY - before.y);
			this.pointers.set(e.pointerId, {x: e.clientX, y: e.clientY});
			return this.page.refresh();
		}
		this.go(this.at(e), reach[e.pointerType] ?? reach.touch);
		if (!before || !this.start || this.start.touch) return;
		if (Math.hypot(e.clientX - this.start.px, e.clientY - this.start.py) > dragged && !this.moved) {
			this.moved = true;
			this.page.startLine(this.start.end);
		}
	}

	up(e) {
		this.pointers.delete(e.pointerId);
		const {start} = this, taps = start && e.type === "pointerup" && Math.hypot(e.clientX - start.px, e.clientY - start.py) <= dragged;
		// A line that is begun ends with a tap, or with a drag that moves nothing; the touch alone may begin a scroll or a pinch.
		if (this.moved) this.page.endLine();
		else if (this.page.line?.ended === false && (taps || start && !start.pans && e.type === "pointerup")) this.page.endLine();
		if (!this.moved && start && !start.pans && e.type === "pointerup") this.take();
		if (start && !start.pans && e.type === "pointerup") this.page.keep();
		this.start = null;
		this.moved = false;
		this.page.refresh();
	}

	/** Takes over the components of the chosen image that are not shown. */
	take() {
		const {chosen} = this.page.look;
		if (this.map.kind !== "linear" || chosen === -1) return;
		this.map.others = this.map.components(this.page.codeOf(this.model, chosen)).fill(0, 0, 2);
		this.page.showComponents();
	}

	/** Two fingers: the distance between them is the scale. */
	pinch(e) {
		const other = [...this.pointers].find(([id]) => id !== e.pointerId)[1];
		const before = this.pointers.get(e.pointerId), now = {x: e.clientX, y: e.clientY};
		const apart = p => Math.max(Math.hypot(p.x - other.x, p.y - other.y), 1);
		this.zoom(apart(now) / apart(before), this.at({clientX: (now.x + other.x) / 2, clientY: (now.y + other.y) / 2}));
		this.plane.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
		this.pointers.set(e.pointerId, now);
		this.start = null;
	}

	/** Enlarges about a place; 0 shows all. If none is given, it is the cursor, or the middle if the cursor is not shown. */
	zoom(factor, place) {
		const {x, y, side} = this.plane.view, {cursor} = this, inside = cursor && cursor.x >= x && cursor.x <= x + side && cursor.y >= y && cursor.y <= y + side;
		this.plane.zoom(factor, place ?? (inside ? cursor : {x: x + side / 2, y: y + side / 2}));
		this.page.refresh();
	}

	/** Does what a key asks for, and says whether it asks for anything. */
	key(key, far, plane) {
		const arrows = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
		const {view, whole} = this.plane;
		if (key in arrows) {
			const [dx, dy] = arrows[key];
			if (plane) {
				this.plane.pan(-dx * this.plane.size / 6, dy * this.plane.size / 6);
				this.page.refresh();
				return true;
			}
			const step = view.side / (far ? 12 : 60), inside = (v, low) => Math.min(Math.max(v, low), low + whole.side);
			const from = this.cursor ?? {x: view.x + view.side / 2, y: view.y + view.side / 2};
			const to = {x: inside(from.x + step * dx, whole.x), y: inside(from.y + step * dy, whole.y)};
			this.plane.reveal(to);
			this.take();
			this.page.choose(-1, this);
			this.cursor = to;
			this.page.keep();
			this.page.refresh();
			return true;
		}
		if (plane) return false;
		switch (key) {
		case "n": case "N": this.page.step(1, this); break;
		case "p": case "P": this.page.step(-1, this); break;
		case "Enter": case " ": this.page.toggleLine(); break;
		case "Escape": this.page.removeLine(); break;
		case "+": case "=": this.zoom(1.6); break;
		case "-": this.zoom(1 / 1.6); break;
		case "0": this.zoom(0); break;
		default: return false;
		}
		this.page.refresh();
		return true;
	}

	// ---- What they are shown

	/** The code at the cursor, null if there is none: that of the chosen image, or that which the place stands for. */
	code() {
		const {chosen, last} = this.page.look;
		if (!this.cursor || !last) return null;
		return chosen !== -1 ? this.page.codeOf(this.model, chosen) : this.map.code(this.cursor);
	}

	/** Colours the points as the reader wants. */
	colour() {
		const {look} = this.page, classes = Math.max(look.classes.length, 1); // without labels, all are 0
		const colours = n => Array.from({length: n}, (_, i) => colour("class-" + i));
		const [kind, method] = look.colour.split("/");
		const found = kind === "cluster" && this.model.clusters.find(c => c.method === method);
		this.plane.groups = {of: look.labels, colours: look.classes.length ? colours(classes) : [colour("link")], names: look.classes};
		if (found) this.plane.groups = {of: found.of, colours: colours(Math.max(...found.of) + 1)};
		if (kind === "distance") {
			const {distances} = this.model;
			const of = Uint8Array.from({length: look.labels.length}, (_, i) => distances && !Number.isNaN(distances[i]) ? Math.min(4, Math.floor(distances[i] * 4)) : 5);
			const tints = [0, .25, .5, .75].map(share => `color-mix(in srgb, ${colour("warn")} ${100 * share}%, ${colour("link")})`);
			this.plane.groups = {of, colours: [...tints, colour("warn"), colour("line")]};
		}
		this.plane.stale = true;
	}

	set(canvas, images, words, columns) {
		drawImages(canvas, images, this.page.side, columns);
		canvas.setAttribute("aria-label", words || "no picture");
	}

	show() {
		const {page, plane, model} = this, {look} = page, {chosen, last} = look;
		const code = this.code(), here = code && model.decode(code), back = chosen === -1 ? null : here, held = !last && this.cursor ? this.held() : null;
		plane.draw({
			mine: chosen === own ? null : this.mine(),
			samples: last ? this.samples : [],
			way: last ? this.way() : null,
			chosen: chosen === -1 || chosen === own && !last ? null : {place: page.placeOf(this, chosen), fill: chosen === own ? colour("warn") : plane.groups.colours[plane.groups.of[chosen]]},
			cursor: this.cursor,
		});
		this.set(this.picture("here"), here ? [here] : held ? [held] : [], here || held ? `Image decoded by the ${this.name}` : "");
		this.set(this.picture("back"), back ? [back] : [], back ? `Reconstruction of the ${page.described(chosen)} by the ${this.name}` : "");
		this.text("here").textContent = this.name + (here ? ` here: ${page.judged(here, chosen)}` : held ? `: after epoch ${this.epoch().number}, at the nearest of ${this.side()} x ${this.side()} places` : "");
		this.showState();
	}

	epoch() { return this.model.epochs[this.page.look.epoch] ?? this.model.epochs.at(-1); }

	side() { return Math.round(Math.sqrt(this.epoch().pictures.length / this.page.side ** 2)); }

	/** The picture that the page holds of the cursor's place after an epoch before the last. */
	held() {
		const {pictures} = this.epoch(), k = this.side(), {x, y, side} = this.map.plane, size = this.page.side ** 2;
		if (k === 0) return null;
		const at = v => Math.min(Math.max(Math.round(v / side * (k - 1)), 0), k - 1);
		const i = at(this.cursor.y - y) * k + at(this.cursor.x - x);
		return pictures.subarray(i * size, (i + 1) * size);
	}

	/** Which part of the plane is shown, in words; "" if it is the whole. */
	part() {
		const {view: {x, y, side}, enlarged} = this.plane;
		return enlarged ? `Shown are ${number(x)} to ${number(x + side)} across and ${number(y)} to ${number(y + side)} upwards` : "";
	}

	showState() {
		const {loss, accuracy} = this.epoch(), words = [];
		if (loss >= 0) words.push(`loss ${loss.toFixed(1)} nats`);
		if (accuracy >= 0) words.push(`ACC ${accuracy.toFixed(2)}`);
		const {plane, plane: {shade}} = this, {look} = this.page;
		if (shade && look.shade !== "none") {
			const inside = shade.values.filter(v => v > 1).length / shade.values.length;
			const whole = this.map.kind === "linear" ? "this slice" : "the square", part = plane.enlarged ? "the part shown of " : "";
			words.push(`${look.shade === "far" ? "holes" : "few codes"} ${percent(inside)} of ${part}${whole}`);
		}
		if (look.colour === "distance") words.push("points: blue is near the data, red lies beyond the limit of holes");
		this.state.textContent = words.join(", ");
	}

	/** The images of the line between its ends, as codes; null if the model has no such line. */
	line() {
		const {line} = this.page;
		if (!line) return null;
		const [from, to] = [line.from, line.to].map(end => this.page.endCode(this, end));
		return from && to && Array.from({length: between}, (_, i) => from.map((v, j) => v + i / (between - 1) * (to[j] - v)));
	}

	way() {
		const codes = this.line();
		return codes && codes.map(code => this.map.place(code));
	}

	showLine() {
		const canvas = this.picture("between"), codes = this.page.look.last ? this.line() : null;
		const shown = codes ? `${this.model.dim} ${codes[0].join()} ${codes.at(-1).join()}` : "";
		if (shown === this.lineShown) return; // the same images
		this.lineShown = shown;
		canvas.hidden = !codes;
		this.set(canvas, codes ? codes.map(code => this.model.decode(code)) : [], codes ? `${between} images decoded by the ${this.name} on the line` : "");
	}

	showSamples() {
		const samples = this.page.look.last ? this.samples : [], n = samples.length, far = samples.filter(s => s.far).length;
		this.text("samples").setAttribute("aria-busy", n < (this.page.look.drawn?.n ?? 0)); // only the last count is announced
		this.text("samples").textContent = n ? `${this.name}: ${far} of ${n} (${percent(far / n)}) lie far from the data` : "";
		const columns = 12, shown = samples.slice(0, 48);
		this.picture("samples").hidden = n === 0;
		this.set(this.picture("samples"), shown.map(s => s.image), n ? `The first ${shown.length} images drawn for the ${this.name}; framed: far from the data` : "", columns);
		const c = this.picture("samples").getContext("2d"), {side} = this.page;
		c.strokeStyle = colour("warn");
		c.lineWidth = 1.5;
		shown.forEach((s, i) => {
			if (s.far) c.strokeRect(i % columns * side + 1, Math.floor(i / columns) * side + 1, side - 2, side - 2);
		});
	}
}
