// The page: what readers do to the planes and what they are shown for it.

const between = 9; // images on a way, both ends included
const reach = {mouse: 8, touch: 18}; // how near to a point counts as on it, in pixels
const dragged = 5; // pixels a pointer moves before it draws a way

const head = JSON.parse(document.getElementById("head").textContent);
const lastEpoch = head.epochs.at(-1);
const still = window.matchMedia("(prefers-reduced-motion: reduce)");

/** What all planes share; chosen is the image whose point is looked at, -1 for none. */
const look = {classes: head.classes, labels: null, hidden: new Set(), hole: head.hole, shade: 0, last: true, chosen: -1};
const panels = [];

const number = v => v.toFixed(2).replace("-", "−");
const spoken = ({x, y}) => `(${number(x)}, ${number(y)})`;
const named = image => head.classes.length ? `, ${head.classes[look.labels[image]]}` : "";
const described = image => `test image ${head.places[image]}${named(image)}`;

/** One model: its plane and the pictures under it. */
class Panel {
	constructor(section, model, numbers, images) {
		this.name = model.name;
		this.images = images;
		this.canvas = section.querySelector(".plane");
		this.plane = new Plane(this.canvas, model, numbers, look);
		this.decoder = new Decoder(model.layers, model.hidden, numbers);
		this.picture = name => section.querySelector(`[data-picture=${name}]`);
		this.text = section.querySelector(".place");
		this.caption = section.querySelector(".between .note");
		this.aside = section.querySelector(".aside");
		this.cursor = null;
		this.way = null; // {from, to, ended}
		this.pointers = new Map(); // those that are down
		this.listen(section);
	}

	image(i) { return this.images.subarray(i * head.side ** 2, (i + 1) * head.side ** 2); }

	// ---- What readers do

	listen(section) {
		const on = (type, f) => this.canvas.addEventListener(type, f);
		on("pointerdown", e => this.down(e));
		on("pointermove", e => this.move(e));
		on("pointerup", e => this.up(e));
		on("pointercancel", e => this.up(e));
		on("wheel", e => {
			e.preventDefault();
			this.zoom(Math.exp(-e.deltaY / 400), this.at(e));
		});
		on("keydown", e => {
			if (!e.ctrlKey && !e.metaKey && !e.altKey && this.key(e.key, e.shiftKey)) e.preventDefault();
		});
		for (const button of section.querySelectorAll("[data-zoom]")) {
			button.addEventListener("click", () => this.zoom({in: 1.6, out: 1 / 1.6, all: 0}[button.dataset.zoom]));
		}
	}

	at(e) {
		const box = this.canvas.getBoundingClientRect();
		return this.plane.toCode(e.clientX - box.left - this.canvas.clientLeft, e.clientY - box.top - this.canvas.clientTop);
	}

	/** Puts the cursor at a place and chooses the image there; returns the place of that image, or the place. */
	go(place, distance) {
		choose(this.plane.nearest(place, distance));
		this.cursor = place;
		refresh();
		return look.chosen < 0 ? {...place, image: -1} : {...this.plane.place(look.chosen), image: look.chosen};
	}

	down(e) {
		this.canvas.setPointerCapture(e.pointerId);
		this.canvas.focus({preventScroll: true, focusVisible: false});
		this.pointers.set(e.pointerId, {x: e.clientX, y: e.clientY});
		const start = this.go(this.at(e), reach[e.pointerType] ?? reach.touch);
		this.start = this.pointers.size === 1 ? {...start, px: e.clientX, py: e.clientY} : null;
	}

	move(e) {
		const before = this.pointers.get(e.pointerId);
		if (before && this.pointers.size === 2) return this.pinch(e);
		const place = this.go(this.at(e), reach[e.pointerType] ?? reach.touch);
		if (!before || !this.start) return;
		if (Math.hypot(e.clientX - this.start.px, e.clientY - this.start.py) > dragged) this.moved = true;
		if (this.moved) this.way = {from: this.start, to: place, ended: false};
	}

	up(e) {
		this.pointers.delete(e.pointerId);
		if (this.moved && this.way) this.way.ended = true;
		this.start = null;
		this.moved = false;
		refresh();
	}

	/** Two fingers: the distance between them is the scale. */
	pinch(e) {
		const other = [...this.pointers].find(([id]) => id !== e.pointerId)[1];
		const before = this.pointers.get(e.pointerId), now = {x: e.clientX, y: e.clientY};
		const apart = p => Math.max(Math.hypot(p.x - other.x, p.y - other.y), 1);
		this.zoom(apart(now) / apart(before), this.at({clientX: (now.x + other.x) / 2, clientY: (now.y + other.y) / 2}));
		this.pointers.set(e.pointerId, now);
		this.start = null;
	}

	/** Enlarges about a place, the cursor if none is given; 0 shows all. */
	zoom(factor, place = this.cursor) {
		const {view} = this.plane;
		this.plane.zoom(factor, place ?? {x: view.x + view.side / 2, y: view.y + view.side / 2});
		refresh();
	}

	/** Does what a key asks for, and says whether it asks for anything. */
	key(key, far) {
		const arrows = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
		const {view, whole} = this.plane;
		if (key in arrows) {
			const step = view.side / (far ? 12 : 60), inside = (v, low) => Math.min(Math.max(v, low), low + whole.side);
			const from = this.cursor ?? {x: view.x + view.side / 2, y: view.y + view.side / 2};
			return this.walk({x: inside(from.x + step * arrows[key][0], whole.x), y: inside(from.y + step * arrows[key][1], whole.y)});
		}
		switch (key) {
		case "n": case "N": return this.step(1);
		case "p": case "P": return this.step(-1);
		case "Enter": case " ":
			if (this.way && !this.way.ended) this.way.ended = true;
			else if (this.cursor) {
				const from = this.go(this.cursor, reach.mouse);
				this.way = {from, to: from, ended: false};
			}
			break;
		case "Escape": this.way = null; break;
		case "+": case "=": this.zoom(1.6); break;
		case "-": this.zoom(1 / 1.6); break;
		case "0": this.zoom(0); break;
		default: return false;
		}
		refresh();
		return true;
	}

	/** Puts the cursor at a place and takes a way that is not ended along. */
	walk(place) {
		this.plane.reveal(place);
		const to = this.go(place, reach.mouse);
		if (this.way && !this.way.ended) this.way.to = to;
		return true;
	}

	/** Goes to the next image of the classes shown, or to the one before. */
	step(by) {
		const n = look.labels.length;
		let image = look.chosen < 0 && by < 0 ? 0 : look.chosen;
		for (let tried = 0; tried < n; tried++) {
			image = (image + by + n) % n;
			if (look.hidden.has(look.labels[image])) continue;
			this.walk(this.plane.place(image));
			choose(image); // others may lie at the same place
			if (this.way && !this.way.ended) this.way.to = {...this.plane.place(image), image};
			break;
		}
		return true;
	}

	// ---- What they are shown

	show() {
		const {cursor, plane} = this, {chosen, last} = look;
		const way = last ? this.way : null; // the decoder speaks of the last epoch's codes alone
		plane.draw({cursor, chosen, way});
		const here = last && cursor;
		this.set("here", here ? [this.decoder.decode(cursor.x, cursor.y)] : [], here ? `Image decoded by the ${this.name} at ${spoken(cursor)}` : "");
		this.set("image", chosen < 0 ? [] : [this.image(chosen)], chosen < 0 ? "" : `The ${described(chosen)}`);
		const code = chosen < 0 ? null : plane.code(chosen);
		this.set("back", code ? [this.decoder.decode(code.x, code.y)] : [], code ? `Reconstruction of the ${described(chosen)} by the ${this.name}` : "");
		this.showBetween(way);
		this.text.textContent = this.words();
	}

	set(name, images, words) {
		const canvas = this.picture(name);
		drawImages(canvas, images, head.side);
		canvas.setAttribute("aria-label", words || "no picture");
	}

	showBetween(way) {
		const canvas = this.picture("between");
		canvas.hidden = !way;
		if (!way) {
			canvas.setAttribute("aria-label", "no picture");
			this.caption.textContent = look.last
				? "Drag from one point to another to see the images between them."
				: `This page holds the decoders only after epoch ${lastEpoch}. Go to that epoch to see decoded images.`;
			return;
		}
		const {from, to} = way, images = [];
		for (let i = 0; i < between; i++) {
			const share = i / (between - 1);
			images.push(this.decoder.decode(from.x + share * (to.x - from.x), from.y + share * (to.y - from.y)));
		}
		const end = p => p.image < 0 ? spoken(p) : described(p.image);
		const words = `On the straight line from ${end(from)} to ${end(to)}`;
		this.set("between", images, `${words}: ${between} decoded images`);
		this.caption.textContent = words + ".";
	}

	/** What stands at the cursor. */
	words() {
		const parts = [];
		if (this.cursor) parts.push(`Code ${spoken(this.cursor)}`);
		if (this.cursor && look.last && look.shade >= 0) {
			const hole = this.plane.shadeAt(this.plane.shades[look.shade], this.cursor) > look.hole;
			parts.push(hole ? "in a hole" : "not in a hole");
		}
		if (look.chosen >= 0) parts.push(described(look.chosen));
		return parts.join("; ");
	}
}

/** Makes an image the one that is looked at, -1 for none; every plane's cursor goes to its point. */
function choose(image) {
	look.chosen = image;
	if (image >= 0) for (const panel of panels) panel.cursor = panel.plane.place(image);
}

// ---- Drawing, once in a frame at most

let due = false, saying = 0;

function refresh() {
	if (due) return;
	due = true;
	requestAnimationFrame(() => {
		due = false;
		for (const panel of panels) panel.show();
		clearTimeout(saying);
		saying = setTimeout(say, 400);
	});
}

/** Tells those who listen what stands at the cursor of the plane that has the focus. */
function say() {
	for (const panel of panels) {
		const words = document.activeElement === panel.canvas ? panel.words() + (panel.way ? `. ${panel.caption.textContent}` : "") : "";
		if (panel.aside.textContent !== words) panel.aside.textContent = words;
	}
}

function redraw() {
	for (const panel of panels) panel.plane.stale = true;
	refresh();
}

// ---- The controls

const control = id => document.getElementById(id);
let moving = 0, playing = 0;

/** Moves the codes to where they were after an epoch, given by its place among those kept. */
function showEpoch(place) {
	const name = String(head.epochs[place]);
	control("epoch").value = place;
	control("epoch").setAttribute("aria-valuetext", "epoch " + name);
	control("epoch-text").textContent = name;
	look.last = place === head.epochs.length - 1;
	cancelAnimationFrame(moving);
	const begin = performance.now(), from = panels.map(p => p.plane.points);
	const frame = now => {
		const t = still.matches ? 1 : Math.min(Math.max((now - begin) / 450, 0), 1), share = t * t * (3 - 2 * t);
		panels.forEach(({plane}, i) => {
			const to = plane.epochs[place];
			plane.points = t === 1 ? to : to.map((v, j) => from[i][j] + share * (v - from[i][j]));
		});
		choose(look.chosen);
		redraw();
		if (t < 1) moving = requestAnimationFrame(frame);
	};
	moving = requestAnimationFrame(frame);
}

function play() {
	const stop = () => {
		clearInterval(playing);
		playing = 0;
		control("play").textContent = "Play";
		control("play").setAttribute("aria-label", "Play the training from the start");
	};
	if (playing) return stop();
	let place = 0;
	showEpoch(place);
	control("play").textContent = "Stop";
	control("play").setAttribute("aria-label", "Stop playing");
	playing = setInterval(() => {
		if (++place >= head.epochs.length) return stop();
		showEpoch(place);
	}, 1000);
}

function showClasses() {
	for (const box of document.querySelectorAll("#classes input")) {
		if (box.checked) look.hidden.delete(+box.value);
		else look.hidden.add(+box.value);
	}
	if (look.chosen >= 0 && look.hidden.has(look.labels[look.chosen])) look.chosen = -1;
	redraw();
}

function tick(checked) {
	for (const box of document.querySelectorAll("#classes input")) box.checked = checked;
	showClasses();
}

function showShade() {
	look.shade = +control("shade").value;
	control("about").textContent = look.shade < 0 ? "" : head.models[0].shades[look.shade].about;
	redraw();
}

function prepareControls() {
	control("controls").addEventListener("submit", e => e.preventDefault());
	const epoch = control("epoch");
	epoch.max = head.epochs.length - 1;
	epoch.addEventListener("input", () => {
		if (playing) play();
		showEpoch(+epoch.value);
	});
	control("play").addEventListener("click", play);
	head.models[0].shades.forEach((s, i) => control("shade").add(new Option(s.name, i)));
	control("shade").value = look.shade = head.models[0].shades.length ? 0 : -1;
	control("shade").addEventListener("change", showShade);
	control("classes").addEventListener("change", showClasses);
	control("all").addEventListener("click", () => tick(true));
	control("none").addEventListener("click", () => tick(false));
	window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
	new ResizeObserver(redraw).observe(document.body);
}

// ---- Begin

async function begin() {
	const numbers = await Numbers.read(document.getElementById("bytes").textContent);
	const images = numbers.of(head.images);
	look.labels = numbers.of(head.labels);
	const sections = document.querySelectorAll(".model");
	head.models.forEach((model, i) => panels.push(new Panel(sections[i], model, numbers, images)));
	prepareControls();
	choose(0);
	showShade();
	showEpoch(head.epochs.length - 1);
}

try {
	await begin();
	globalThis.explorer = {panels, look}; // for the console
} catch (problem) {
	const text = document.getElementById("problem");
	text.hidden = false;
	text.textContent = `The page cannot be shown here (${problem}). A browser of 2023 or newer can.`;
	throw problem;
}
document.documentElement.dataset.ready = "yes";
