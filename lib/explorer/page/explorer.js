// The page: what all panels share, its controls, and its address.

const control = id => document.getElementById(id);
const head = JSON.parse(control("head").textContent);
const still = window.matchMedia("(prefers-reduced-motion: reduce)");

/** Work that is done a little in each frame, so that the page stays quick. Each piece is a generator with a name; a new one of the same
 * name takes its place. */
const work = {
	pieces: new Map(),
	running: false,
	start(name, piece) {
		this.pieces.set(name, piece);
		if (!this.running) {
			this.running = true;
			requestAnimationFrame(() => this.go());
		}
	},
	stop(name) { this.pieces.delete(name); },
	go() {
		const end = performance.now() + 9;
		while (this.pieces.size > 0 && performance.now() < end) {
			const [name, piece] = this.pieces.entries().next().value;
			if (piece.next().done && this.pieces.get(name) === piece) this.pieces.delete(name);
		}
		this.running = this.pieces.size > 0;
		if (this.running) requestAnimationFrame(() => this.go());
	},
};

/** Whether an end of a line is the reader's own image. */
const isOwn = end => end?.image === own;

const page = {
	side: head.side,
	panels: [],
	spaces: [], // models by space, made when a space is first shown
	line: null, // {from, to, ended}; an end is {image} or {panel, place}
	own: null, // the reader's image
	ownCodes: new Map(), // its codes by model
	/** chosen is the image that is looked at, -1 for none, own for the reader's; epoch is its place among those of the space. */
	look: {classes: head.classes, labels: null, hidden: new Set(), space: 0, map: 0, epoch: 0, last: true, colour: "class", shade: "far", show: "points", chosen: -1, active: 0,
		drawn: null},

	// ---- Images

	image(i) { return i === own ? this.own : this.images.subarray(i * head.side ** 2, (i + 1) * head.side ** 2); },

	described(i) {
		if (i === own) return "image of your own";
		return `test image ${head.places[i]}` + (head.classes.length ? `, ${head.classes[this.look.labels[i]]}` : "");
	},

	codeOf(model, i) {
		if (i !== own) return model.code(i);
		if (!this.ownCodes.has(model)) this.ownCodes.set(model, encode(model.encoder, this.own));
		return this.ownCodes.get(model);
	},

	placeOf(panel, i) { return i === own ? panel.map.place(this.codeOf(panel.model, own)) : panel.plane.place(i); },

	/** What the distance and the classifier say of a decoded image. The image that it is the reconstruction of is skipped. */
	judged(image, of) {
		const far = distance(image, this.images, of) > head.far ? "far from the data" : "near the data";
		if (!this.classifier) return far;
		const p = this.classifier.classify(image), most = p.indexOf(Math.max(...p));
		return `${far}; ${head.classes[most]} ${percent(p[most])}`;
	},

	/** Makes an image the one that is looked at, -1 for none, and moves the cursors to it; that of the panel which has the pointer stays if there is none. */
	choose(i, by) {
		this.look.chosen = i;
		if (by) this.look.active = by.index;
		for (const panel of this.panels) {
			if (i !== -1) panel.cursor = this.placeOf(panel, i);
			else if (panel !== by) panel.cursor = null;
		}
	},

	/** Remembers what is looked at. What the pointer passes afterwards is a preview. */
	keep() {
		const {chosen, active} = this.look;
		this.kept = {chosen, active, cursors: this.panels.map(p => p.cursor)};
	},

	/** Shows again what was kept. */
	restore() {
		if (!this.kept) return;
		const {active, cursors} = this.kept, {labels, hidden, last} = this.look;
		const gone = this.kept.chosen === own ? !last : this.kept.chosen >= 0 && hidden.has(labels[this.kept.chosen]);
		const chosen = gone ? -1 : this.kept.chosen;
		this.choose(chosen, this.panels[active]);
		if (chosen === -1) this.panels.forEach((panel, i) => { panel.cursor = cursors[i]; });
		this.refresh();
	},

	/** Goes to the next image of the classes shown, or to the one before. */
	step(by, panel) {
		const {labels, hidden, chosen} = this.look, n = labels.length;
		let image = chosen < 0 && by < 0 ? 0 : Math.max(chosen, -1);
		for (let tried = 0; tried < n; tried++) {
			image = (image + by + n) % n;
			if (!hidden.has(labels[image])) {
				this.lookAt(image, panel);
				return;
			}
		}
	},

	lookAt(image, panel = this.panels[this.look.active]) {
		this.choose(image, panel);
		this.keep();
		for (const p of this.panels) p.plane.reveal(p.cursor);
		this.refresh();
	},

	// ---- The line

	/** What stands at the cursor, as the end of a line; null if nothing does. */
	here() {
		const {chosen, active} = this.look, panel = this.panels[active];
		if (chosen !== -1) return {image: chosen};
		return panel.cursor && {panel: active, place: panel.cursor};
	},

	startLine(end) { this.line = end && {from: end, to: end, ended: false}; },

	endLine() { if (this.line) this.line = {...this.line, to: this.here() ?? this.line.to, ended: true}; },

	removeLine() { this.line = null; },

	toggleLine() {
		if (this.line && !this.line.ended) this.endLine();
		else this.startLine(this.here());
		this.pointless = !this.line; // there was no point to start from
	},

	/** The code of an end of the line in a panel; null if the end is a place of another plane. */
	endCode(panel, end) {
		if ("image" in end) return this.codeOf(panel.model, end.image);
		return end.panel === panel.index ? panel.map.code(end.place) : null;
	},

	showLine() {
		const {line} = this;
		if (line && !line.ended) line.to = this.here() ?? line.to;
		control("line").textContent = line && !line.ended ? "To here" : "From here";
		control("remove").hidden = !line;
		const end = e => "image" in e ? this.described(e.image) : `a place of the ${this.panels[e.panel].name}`;
		const apart = line && !("image" in line.from) && !("image" in line.to) && line.from.panel !== line.to.panel;
		control("line-text").textContent = apart ? "A line needs both ends in one plane, or images as its ends."
			: line ? `The straight line between codes, from ${end(line.from)} to ${end(line.to)}.`
			: this.pointless ? "Choose a point first."
			: window.matchMedia("(pointer: coarse)").matches ? "Tap a point, then “From here”, then tap another, to see the images between them."
			: "Drag from one point to another to see the images between them.";
		if (this.here()) this.pointless = false;
		for (const panel of this.panels) panel.showLine();
	},

	// ---- Showing, once in a frame at most

	refresh() {
		clearTimeout(this.saying);
		this.saying = setTimeout(() => this.settled(), 400);
		this.repaint();
	},

	/** Shows what has been computed, without the reader having done anything. */
	repaint() {
		if (this.due) return;
		this.due = true;
		requestAnimationFrame(() => {
			this.due = false;
			this.show();
		});
	},

	show() {
		const {chosen, active} = this.look, panel = this.panels[active];
		this.panels.forEach(p => this.shades(p));
		this.showLine();
		for (const p of this.panels) p.show();
		drawImages(control("picture-image"), chosen === -1 ? [] : [this.image(chosen)], head.side);
		control("picture-image").setAttribute("aria-label", chosen === -1 ? "no picture" : `The ${this.described(chosen)}`);
		control("image-text").textContent = chosen === -1 ? "test image" : this.described(chosen);
		control("place").textContent = this.words(panel);
		const code = panel.code(), rows = code ? nearestRows(panel.model.codes, panel.model.dim, code, near, i => !this.look.hidden.has(this.look.labels[i])) : [];
		control("near-name").hidden = control("picture-near").hidden = rows.length === 0;
		control("near-model").textContent = `, by the ${panel.name}'s codes`;
		drawImages(control("picture-near"), rows.map(([, i]) => this.image(i)), head.side, near);
		control("picture-near").setAttribute("aria-label", rows.length ? `The test images whose codes of the ${panel.name} are nearest: ${rows.map(([, i]) => this.described(i)).join("; ")}` : "no picture");
	},

	/** What stands at the cursor of a panel. */
	words(panel) {
		const {chosen, last} = this.look, parts = [];
		if (panel.cursor) {
			const names = {identity: "Code", linear: "Components", layout: "Place"}[panel.map.kind];
			parts.push(`${panel.name}: ${names} (${number(panel.cursor.x)}, ${number(panel.cursor.y)})`);
		}
		if (chosen !== -1) parts.push(this.described(chosen));
		if (!last) parts.push("the page holds only some pictures of this epoch");
		return parts.join("; ");
	},

	/** When the reader stops: tells those who listen what stands at the cursor, and keeps the state in the address. */
	settled() {
		for (const panel of this.panels) {
			const words = document.activeElement === panel.canvas ? [this.words(panel), panel.text("here").textContent, panel.part(), this.line ? control("line-text").textContent : ""].filter(Boolean).join(". ") : "";
			if (panel.aside.textContent !== words) panel.aside.textContent = words;
		}
		address.write();
	},

	redraw() {
		for (const panel of this.panels) panel.plane.stale = true;
		this.refresh();
	},

	recolour() {
		for (const panel of this.panels) panel.colour();
		this.refresh();
	},

	// ---- Backgrounds and pictures, which take a while

	/** Starts what a panel's background and pictures need, if they are not those of what is shown. */
	shades(panel) {
		const {plane, map, model, index} = panel, {shade, show, last, epoch} = this.look, {x, y, side} = plane.view;
		const area = {x, y, side}, shown = [model.dim, map.name, x, y, side, [...map.others].join()].join(" ");
		if (shade === "none" || !last) {
			if (plane.shade) [plane.shade, plane.stale] = [null, true];
			panel.shaded = "";
			work.stop("shade " + index);
		} else if (panel.shaded !== shown + shade) {
			panel.shaded = shown + shade;
			work.start("shade " + index, shade === "far" ? this.shadeFar(panel, area) : this.shadeFew(panel, area));
		}
		if (show !== "pictures") {
			if (plane.pictures) [plane.pictures, plane.stale] = [null, true];
			panel.pictured = "";
			work.stop("pictures " + index);
		} else if (panel.pictured !== shown + epoch) {
			panel.pictured = shown + epoch;
			work.start("pictures " + index, this.pictures(panel, area));
		}
	},

	* shade(panel, area, sides, value) {
		for (const side of sides) {
			const values = new Float32Array(side * side);
			for (let i = 0; i < values.length; i++) {
				values[i] = value(gridPlace(area, side, i));
				yield;
			}
			[panel.plane.shade, panel.plane.stale] = [{area, side, values}, true];
			this.repaint();
		}
	},

	/** How far decoded images are from the data. */
	* shadeFar(panel, area) {
		yield* this.shade(panel, area, [10, 20, 40], place => distance(panel.model.decode(panel.map.code(place)), this.images) / head.far);
	},

	/** How far places are from the tenth nearest code. */
	* shadeFew(panel, area) {
		const {model} = panel, {codes, dim} = model, tenth = (code, k) => Math.sqrt(nearestRows(codes, dim, code, k).at(-1)[0]);
		if (!model.few) {
			const all = [];
			for (let i = 0; i < codes.length / dim; i++) {
				all.push(tenth(model.code(i), 11)); // the nearest is the code itself
				yield;
			}
			model.few = Math.max(all.sort((a, b) => a - b)[Math.floor(.99 * (all.length - 1))], 1e-9);
		}
		yield* this.shade(panel, area, [20, 40, 64], place => tenth(panel.map.code(place), 10) / model.few);
	},

	/** The decoder's images all over the plane. */
	* pictures(panel, area) {
		const {plane, map, model} = panel, {last} = this.look, size = head.side ** 2, side = last ? 11 : panel.side();
		const images = [];
		if (!last) {
			for (let i = 0; i < side * side; i++) images.push(panel.epoch().pictures.subarray(i * size, (i + 1) * size));
			area = map.plane;
		}
		for (let i = 0; last && i < side * side; i++) {
			images.push(model.decode(map.code(gridPlace(area, side, i))));
			yield;
		}
		[plane.pictures, plane.stale] = [images.length ? {area, side, images} : null, true];
		this.repaint();
	},

	/** The distance of each image's reconstruction from the nearest other image. */
	* distances(panel, model) {
		const n = this.look.labels.length;
		model.distances = new Float32Array(n).fill(NaN);
		for (let i = 0; i < n; i++) {
			model.distances[i] = distance(model.decode(model.code(i)), this.images, i) / head.far;
			if (i % 250 === 249 || i === n - 1) {
				if (panel.model === model) panel.colour();
				this.repaint();
			}
			yield;
		}
	},

	// ---- Drawing codes

	/** Draws codes from the sources of that place, for all models, and counts the images that lie far from the data. */
	draw(source, n, seed) {
		this.toLast();
		this.look.drawn = {source, n, seed};
		this.seed = seed; // kept when the codes are removed, so that the next ones are new
		this.panels.forEach(panel => {
			panel.samples = [];
			work.start("samples " + panel.index, this.sample(panel, source, n, seed));
		});
		this.refresh();
	},

	* sample(panel, source, n, seed) {
		const {model, map} = panel, from = model.sources[source] ?? model.sources[0], random = randomNumbers(seed);
		for (let i = 0; i < n; i++) {
			const code = from.draw(random), image = model.decode(code);
			panel.samples.push({image, place: map.place(code), far: distance(image, this.images) > head.far});
			if (i % 10 === 9 || i === n - 1) {
				panel.showSamples();
				this.repaint();
			}
			yield;
		}
	},

	clear() {
		this.look.drawn = null;
		for (const panel of this.panels) {
			work.stop("samples " + panel.index);
			panel.samples = [];
			panel.showSamples();
		}
		this.refresh();
	},

	// ---- Spaces and epochs

	/** Shows a space by one of its maps, both by their places. */
	open(space, map) {
		if (this.playing) this.play(); // it stops
		cancelAnimationFrame(this.moving);
		const {look} = this, data = head.spaces[space];
		this.spaces[space] ??= data.models.map(m => new Model(m, data, this.numbers));
		Object.assign(look, {space, map});
		const drawn = look.drawn;
		this.line = this.line && "image" in this.line.from && "image" in this.line.to ? this.line : null;
		this.panels.forEach((panel, i) => panel.open(this.spaces[space][i], map));
		control("view").value = `${space}.${map}`;
		const [first] = this.spaces[space], {epochs} = first;
		look.epoch = epochs.length - 1;
		look.last = true;
		control("epoch").max = epochs.length - 1;
		const fixed = !first.maps[map].moves;
		control("epoch").disabled = control("play").disabled = fixed;
		control("epoch-row").hidden = fixed;
		control("epoch-fixed").hidden = !fixed;
		this.showEpochName();
		control("source").replaceChildren(...first.sources.map((s, i) => new Option(s.name, i)));
		control("source").value = drawn?.source ?? 0;
		control("about").textContent = this.spaces[space].map(m => `${m.name}: ${m.about}`).join(" ");
		this.prepareComponents();
		this.choose(look.chosen === -1 ? look.labels.findIndex(l => !look.hidden.has(l)) : look.chosen);
		this.keep();
		if (drawn) this.draw(drawn.source, drawn.n, drawn.seed);
		else this.clear();
		if (look.colour === "distance") this.measure();
		this.redraw();
	},

	showEpochName() {
		const {number} = this.spaces[this.look.space][0].epochs[this.look.epoch];
		control("epoch").value = this.look.epoch;
		control("epoch").setAttribute("aria-valuetext", "epoch " + number);
		control("epoch-text").textContent = number;
	},

	/** Shows the last epoch, for which alone the page has encoders and decoders. */
	toLast() {
		if (this.playing) this.play(); // it stops
		if (!this.look.last) this.showEpoch(this.spaces[this.look.space][0].epochs.length - 1);
	},

	/** Moves the codes to where they were after an epoch, given by its place among those kept. */
	showEpoch(epoch) {
		const {look} = this;
		look.epoch = epoch;
		look.last = epoch === this.spaces[look.space][0].epochs.length - 1;
		this.showEpochName();
		for (const panel of this.panels) panel.showSamples();
		cancelAnimationFrame(this.moving);
		const begin = performance.now(), from = this.panels.map(p => p.plane.points);
		const frame = now => {
			const t = still.matches ? 1 : Math.min(Math.max((now - begin) / 450, 0), 1), share = t * t * (3 - 2 * t);
			this.panels.forEach(({plane, map}, i) => {
				const to = map.points[epoch];
				plane.points = t === 1 ? to : to.map((v, j) => from[i][j] + share * (v - from[i][j]));
			});
			this.choose(look.chosen === own && !look.last ? -1 : look.chosen, this.panels[look.active]);
			this.redraw();
			if (t < 1) this.moving = requestAnimationFrame(frame);
			else if (look.last && look.chosen === -1 && this.kept?.chosen === own) this.restore();
		};
		this.moving = requestAnimationFrame(frame);
	},

	play() {
		const stop = () => {
			clearInterval(this.playing);
			this.playing = 0;
			control("play").textContent = "Play";
			control("play").setAttribute("aria-label", "Play the training from the start");
		};
		if (this.playing) return stop();
		let epoch = 0;
		this.showEpoch(epoch);
		control("play").textContent = "Stop";
		control("play").setAttribute("aria-label", "Stop playing");
		this.playing = setInterval(() => {
			if (++epoch >= this.spaces[this.look.space][0].epochs.length) return stop();
			this.showEpoch(epoch);
		}, 1000);
	},

	/** Sliders for the components that a linear map does not show. */
	prepareComponents() {
		const linear = this.panels[0].map.kind === "linear";
		control("components").hidden = !linear;
		const list = control("components").querySelector(".list");
		list.replaceChildren();
		if (!linear) return;
		for (const panel of this.panels) {
			for (let k = 2; k < panel.map.dim; k++) {
				const label = document.createElement("label"), slider = document.createElement("input"), most = 3 * Math.max(panel.map.spread[k], 1e-6);
				Object.assign(slider, {type: "range", min: -most, max: most, step: most / 60});
				slider.dataset.component = `${panel.index}.${k}`;
				slider.addEventListener("input", () => {
					const value = +slider.value;
					panel.take();
					panel.map.others[k] = value;
					this.choose(-1, panel);
					panel.cursor ??= {x: panel.plane.view.x + panel.plane.view.side / 2, y: panel.plane.view.y + panel.plane.view.side / 2};
					this.keep();
					this.showComponents();
				});
				label.append(`${panel.name} ${k + 1}`, slider);
				list.append(label);
			}
		}
		this.showComponents();
	},

	showComponents() {
		for (const slider of document.querySelectorAll("[data-component]")) {
			const [panel, k] = slider.dataset.component.split(".");
			slider.value = this.panels[panel].map.others[k];
			slider.setAttribute("aria-valuetext", number(+slider.value));
		}
		this.refresh();
	},

	// ---- Controls

	showClasses() {
		const {hidden} = this.look;
		for (const box of document.querySelectorAll("#classes input")) box.checked = !hidden.has(+box.value);
		if (this.look.chosen >= 0 && hidden.has(this.look.labels[this.look.chosen])) {
			this.choose(-1);
			this.keep();
		}
		this.redraw();
	},

	measure() {
		for (const panel of this.panels) if (!panel.model.distances) work.start("distances " + panel.model.name + panel.model.dim, this.distances(panel, panel.model));
	},

	/** Finds a test image by its number or its class. */
	find(text) {
		const wanted = text.trim().toLowerCase(), say = words => { control("found").textContent = words; };
		if (wanted === "") return say(`Type the number of a test image${head.classes.length ? ", or a class" : ""}.`);
		const {labels, chosen, hidden} = this.look, n = labels.length;
		const open = image => {
			if (hidden.delete(labels[image])) this.showClasses();
			this.lookAt(image);
		};
		if (/^\d+$/.test(wanted)) {
			const image = head.places.indexOf(+wanted);
			if (image >= 0) {
				open(image);
				return say(this.described(image));
			}
			if (!head.classes.some(c => c.toLowerCase().startsWith(wanted))) {
				const nearest = head.places.reduce((a, b) => Math.abs(b - wanted) < Math.abs(a - wanted) ? b : a);
				return say(`Test image ${wanted} is not on this page. The nearest number is ${nearest}.`);
			}
		}
		if (!head.classes.length) return say(`“${text.trim()}” is no number, and these images have no classes.`);
		const label = head.classes.findIndex(c => c.toLowerCase().startsWith(wanted));
		if (label < 0) return say(`No class begins with “${text.trim()}”. The classes are ${head.classes.join(", ")}.`);
		for (let tried = 1; tried <= n; tried++) {
			const image = (Math.max(chosen, -1) + tried) % n;
			if (labels[image] === label) {
				open(image);
				return say(`${this.described(image)}; once more for the next`);
			}
		}
		say(`No image of the class ${head.classes[label]} is on this page.`);
	},

	use(image) {
		this.toLast(); // the page has no earlier encoder
		this.own = image;
		this.ownCodes.clear();
		this.choose(own);
		this.keep();
		this.refresh();
	},

	prepareControls() {
		const {look} = this, on = (id, type, f) => control(id).addEventListener(type, f);
		head.spaces.forEach((s, i) => s.models[0].maps.forEach((m, j) => control("view").add(new Option(m.kind === "identity" ? s.name : `${s.name}: ${m.name}`, `${i}.${j}`))));
		const colours = head.classes.length ? [["class", "by class"]] : [["class", "one colour"]];
		for (const {method} of head.spaces[0].models[0].clusters) colours.push([`cluster/${method}`, `clusters of ${method}`]);
		for (const [value, name] of [...colours, ["distance", "distance to the data"]]) control("colour").add(new Option(name, value));
		on("controls", "submit", e => {
			e.preventDefault();
			this.find(control("find").value);
		});
		on("controls", "keydown", e => { if (e.key === "Enter" && e.target.matches("[type=checkbox], [type=range]")) e.preventDefault(); }); // it would search
		on("view", "change", () => this.open(...control("view").value.split(".").map(Number)));
		on("colour", "change", () => {
			look.colour = control("controls").dataset.colour = control("colour").value;
			if (look.colour === "distance") this.measure();
			this.recolour();
		});
		for (const id of ["shade", "show"]) on(id, "change", () => {
			look[id] = control(id).value;
			this.redraw();
		});
		on("epoch", "input", () => {
			if (this.playing) this.play();
			this.showEpoch(+control("epoch").value);
		});
		on("play", "click", () => this.play());
		on("draw", "click", () => this.draw(+control("source").value, 100, (this.seed ?? 0) + 1));
		on("source", "change", () => { if (look.drawn) this.draw(+control("source").value, 100, look.drawn.seed); });
		on("clear", "click", () => this.clear());
		on("classes", "change", e => {
			if (e.target.checked) look.hidden.delete(+e.target.value);
			else look.hidden.add(+e.target.value);
			this.showClasses();
		});
		on("all", "click", () => {
			look.hidden.clear();
			this.showClasses();
		});
		for (const button of document.querySelectorAll("[data-single]")) button.addEventListener("click", () => {
			look.hidden = new Set(head.classes.keys());
			look.hidden.delete(+button.dataset.single);
			this.showClasses();
		});
		document.querySelectorAll("#classes .count").forEach((span, i) => { span.textContent = look.labels.filter(l => l === i).length; });
		on("zero", "click", () => {
			for (const {map} of this.panels) map.others.fill(0);
			this.showComponents();
		});
		on("line", "click", () => {
			this.toggleLine();
			this.refresh();
		});
		on("remove", "click", () => {
			this.removeLine();
			this.refresh();
		});
		on("png", "click", () => saving.png());
		on("csv", "click", () => saving.csv());
		on("link", "click", async () => {
			address.write();
			try {
				await navigator.clipboard.writeText(location.href); // there is no clipboard on a page that came over http
				const kept = !isOwn({image: look.chosen}) && ![this.line?.from, this.line?.to].some(isOwn);
				saving.say("The link is copied." + (kept ? "" : " It does not hold your own image."));
			} catch {
				saving.say("Copy it from the address bar.");
			}
		});
		if (head.classifier) control("classifier").textContent = ` The answers for decoded images are those of a convolutional classifier, which classifies ${percent(head.classifier.accuracy)} of the test images correctly.`;
		control("classes").open = window.matchMedia("(min-width: 60rem)").matches; // where there is room, it is the key to the colours
		pad.prepare();
		window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.recolour());
		new ResizeObserver(() => this.redraw()).observe(document.body);
		window.addEventListener("hashchange", () => {
			const to = location.hash.slice(1);
			if (control(to)) address.write(); // the name of an element is a place on this page, and the address stays that of the view
			else if (to !== address.text()) address.read();
		});
	},
};

/** The pad on which readers draw an image, and files that they give. */
const pad = {
	prepare() {
		const canvas = control("pad");
		this.wipe();
		let last = null;
		const at = e => {
			const box = canvas.getBoundingClientRect(), scale = head.side / box.width;
			return [(e.clientX - box.left) * scale, (e.clientY - box.top) * scale];
		};
		const stroke = e => {
			const [x, y] = at(e), [fx, fy] = last ?? [x, y], steps = Math.ceil(Math.hypot(x - fx, y - fy) * 2) + 1;
			for (let i = 1; i <= steps; i++) this.dab(fx + (x - fx) * i / steps, fy + (y - fy) * i / steps);
			last = [x, y];
			this.done();
		};
		canvas.addEventListener("pointerdown", e => {
			if (e.button) return; // the context menu
			canvas.setPointerCapture(e.pointerId);
			last = null;
			stroke(e);
		});
		canvas.addEventListener("pointermove", e => { if (canvas.hasPointerCapture(e.pointerId)) stroke(e); });
		control("wipe").addEventListener("click", () => {
			this.wipe();
			page.own = null;
			page.ownCodes.clear();
			if ([page.line?.from, page.line?.to].some(isOwn)) page.removeLine();
			if (page.look.chosen === own) page.choose(-1);
			page.keep();
			page.refresh();
		});
		control("file").addEventListener("change", e => {
			this.open(e.target.files[0]);
			e.target.value = ""; // so that the same file can be opened again
		});
		document.addEventListener("dragover", e => e.preventDefault());
		document.addEventListener("drop", e => {
			e.preventDefault();
			this.open(e.dataTransfer.files[0]);
		});
	},

	wipe() {
		this.levels = new Uint8Array(head.side ** 2);
		drawImages(control("pad"), [this.levels], head.side);
	},

	/** A soft dot of ink. */
	dab(x, y) {
		const {side} = head, radius = side / 16;
		for (let i = 0; i < this.levels.length; i++) {
			const d = Math.hypot(i % side + .5 - x, Math.floor(i / side) + .5 - y) / radius;
			this.levels[i] = Math.max(this.levels[i], 230 * Math.min(1, Math.max(0, 1.5 - d)));
		}
	},

	done() {
		drawImages(control("pad"), [this.levels], head.side);
		page.use(Uint8Array.from(this.levels));
	},

	/** Takes an image from a file: it is scaled to the page's size, and inverted if its border is light, because the data's ground is black. */
	async open(file) {
		if (!file) return;
		control("found").closest("details").open = true; // where it is said what became of the file
		const {side} = head, say = words => { control("found").textContent = words; };
		const bitmap = new Image();
		bitmap.src = URL.createObjectURL(file);
		try {
			await bitmap.decode();
		} catch {
			return say(`${file.name} is no picture that this browser can read.`);
		} finally {
			URL.revokeObjectURL(bitmap.src);
		}
		const scale = side / Math.max(bitmap.width, bitmap.height), [w, h] = [bitmap.width * scale, bitmap.height * scale];
		if (!(Math.min(w, h) >= 1)) return say(`${file.name} has ${bitmap.width} x ${bitmap.height} pixels, too narrow for a picture of ${side} x ${side}.`);
		const c = new OffscreenCanvas(side, side).getContext("2d", {willReadFrequently: true});
		c.imageSmoothingQuality = "high";
		c.drawImage(bitmap, (side - w) / 2, (side - h) / 2, w, h);
		const {data} = c.getImageData(0, 0, side, side), inside = i => i % side > (side - w) / 2 - .5 && i % side < (side + w) / 2 - .5 && Math.floor(i / side) > (side - h) / 2 - .5 && Math.floor(i / side) < (side + h) / 2 - .5;
		const grey = i => (.299 * data[4 * i] + .587 * data[4 * i + 1] + .114 * data[4 * i + 2]) * data[4 * i + 3] / 255 + 255 - data[4 * i + 3];
		const edge = Array.from({length: side * side}, (_, i) => i).filter(i => inside(i) && [i - 1, i + 1, i - side, i + side].some(j => j < 0 || j >= side * side || !inside(j)));
		const light = edge.reduce((sum, i) => sum + grey(i), 0) / edge.length > 127;
		this.levels = Uint8Array.from({length: side * side}, (_, i) => inside(i) ? light ? 255 - grey(i) : grey(i) : 0);
		say(`${file.name}, scaled to ${side} x ${side}${light ? " and inverted, because its border is light" : ""}`);
		this.done();
	},
};

/** What is seen, as files. */
const saving = {
	say(words) { control("done").textContent = words; },

	file(name, blob) {
		const a = document.createElement("a");
		a.href = URL.createObjectURL(blob);
		a.download = name;
		a.click();
		setTimeout(() => URL.revokeObjectURL(a.href), 10_000);
		this.say(`Saved ${name}.`);
	},

	get name() {
		const {look} = page, data = head.spaces[look.space];
		return `latent-${data.dim}d-${data.models[0].maps[look.map].name.replaceAll(/\W+/g, "-")}`;
	},

	png() {
		const canvases = page.panels.map(p => p.canvas), gap = 16, title = 52, all = document.createElement("canvas");
		all.width = canvases.reduce((sum, c) => sum + c.width + gap, gap);
		all.height = Math.max(...canvases.map(c => c.height)) + title + gap;
		const c = all.getContext("2d");
		c.fillStyle = colour("ground");
		c.fillRect(0, 0, all.width, all.height);
		c.fillStyle = colour("text");
		c.font = "16px system-ui, sans-serif";
		c.fillText(`${control("view").selectedOptions[0].text}, epoch ${control("epoch-text").textContent}`, gap, 21, all.width - 2 * gap);
		let x = gap;
		canvases.forEach((canvas, i) => {
			c.fillText(page.panels[i].name, x, 43, canvas.width);
			c.drawImage(canvas, x, title);
			x += canvas.width + gap;
		});
		all.toBlob(blob => this.file(this.name + ".png", blob));
	},

	csv() {
		const {look} = page, quoted = s => /[",\n]/.test(s) ? `"${s.replaceAll('"', '""')}"` : s;
		const names = ["model", "image", "class", "x", "y", ...page.panels[0].model.clusters.map(c => c.method), ...Array.from({length: page.panels[0].model.dim}, (_, j) => `code_${j + 1}`)];
		const rows = [names], round = v => +v.toPrecision(5); // the page holds codes and places rounded; the command embed writes exact codes
		for (const {model, map} of page.panels) {
			const last = map.points.at(-1); // codes and clusters, too, are those of the last epoch
			for (let i = 0; i < look.labels.length; i++) {
				if (look.hidden.has(look.labels[i])) continue;
				rows.push([model.name, head.places[i], head.classes[look.labels[i]] ?? "", round(last[2 * i]), round(last[2 * i + 1]), ...model.clusters.map(c => c.of[i]), ...Array.from(model.code(i), round)]);
			}
		}
		this.file(this.name + ".csv", new Blob([rows.map(r => r.map(v => quoted(String(v))).join(",") + "\n").join("")], {type: "text/csv"}));
	},
};

/** The state of the page in its address, so that a view can be sent to somebody. */
const address = {
	text() {
		const {look, panels, line} = page, state = new URLSearchParams(), round = v => +v.toPrecision(6);
		state.set("view", `${look.space}.${look.map}`);
		if (!look.last) state.set("epoch", look.epoch);
		for (const [name, usual] of [["colour", "class"], ["shade", "far"], ["show", "points"]]) if (look[name] !== usual) state.set(name, look[name]);
		if (look.hidden.size) state.set("hide", [...look.hidden].join("."));
		if (look.drawn) state.set("draw", `${look.drawn.source}.${look.drawn.n}.${look.drawn.seed}`);
		if (look.chosen >= 0) state.set("image", head.places[look.chosen]);
		const ends = line && [line.from, line.to];
		if (ends && !ends.some(isOwn)) {
			const text = ({image, panel, place}) => image === undefined ? [panel, round(place.x), round(place.y)].join("_") : head.places[image];
			state.set("line", ends.map(text).join(ends.every(end => "image" in end) ? "." : "*"));
		}
		panels.forEach(({plane: {view, enlarged}, cursor, map}, i) => {
			if (enlarged) state.set(`plane${i}`, [view.x, view.y, view.side].map(round).join("_"));
			if (look.chosen === -1 && cursor) state.set(`at${i}`, [cursor.x, cursor.y].map(round).join("_"));
			if (map.others.some(v => v !== 0)) state.set(`other${i}`, [...map.others].slice(2).map(round).join("_"));
		});
		return state.toString();
	},

	write() { history.replaceState(null, "", "#" + this.text()); },

	/** Takes the state from the address. What it does not say stays as it is at first; what the page does not have is passed over. */
	read() {
		const state = new URLSearchParams(location.hash.slice(1)), {look} = page;
		const numbers = (name, between = "_") => state.get(name)?.split(between).filter(text => text !== "").map(Number).filter(Number.isFinite);
		const option = (id, value) => [...control(id).options].some(o => o.value === value);
		for (const [name, usual] of [["colour", "class"], ["shade", "far"], ["show", "points"]]) {
			look[name] = option(name, state.get(name)) ? state.get(name) : usual;
			control(name).value = look[name];
		}
		control("controls").dataset.colour = look.colour;
		look.hidden = new Set((numbers("hide", ".") ?? []).filter(l => l in head.classes));
		const draw = numbers("draw", "."), image = n => head.places.indexOf(+n);
		look.drawn = draw?.length === 3 && draw.every(Number.isInteger) && draw[0] in head.spaces[0].models[0].sources && draw[1] > 0 ? {source: draw[0], n: Math.min(draw[1], 1000), seed: draw[2]} : null;
		look.chosen = state.has("image") ? image(state.get("image")) : -1;
		page.line = null;
		const [space, map] = option("view", state.get("view")) ? numbers("view", ".") : [0, 0], chosen = look.chosen;
		page.open(space, map);
		if (state.has("image") || !state.has("view")) page.choose(Math.max(chosen, 0));
		else page.choose(-1);
		const end = text => { // a test image, or a place of a panel
			const [first, x, y] = text.split("_").map(Number), place = {x, y};
			return text.includes("_") ? first in page.panels && Number.isFinite(x + y) && {panel: first, place} : image(first) >= 0 && {image: image(first)};
		};
		const text = state.get("line") ?? "", [from, to, more] = text.split(text.includes("*") ? "*" : ".").map(end);
		if (from && to && more === undefined) page.line = {from, to, ended: true};
		page.panels.forEach((panel, i) => {
			panel.map.others.fill(0);
			const {whole} = panel.plane, view = numbers(`plane${i}`), at = numbers(`at${i}`), other = numbers(`other${i}`);
			if (view?.length === 3 && view[2] > 0) {
				panel.plane.view = {x: view[0], y: view[1], side: view[2]};
				panel.plane.zoom(1, {x: view[0] + view[2] / 2, y: view[1] + view[2] / 2});
			}
			if (at?.length === 2) {
				panel.cursor = {x: Math.min(Math.max(at[0], whole.x), whole.x + whole.side), y: Math.min(Math.max(at[1], whole.y), whole.y + whole.side)};
				look.active = i;
			}
			if (other?.length === panel.map.dim - 2) panel.map.others.set(other, 2);
		});
		page.keep();
		page.showComponents();
		const epoch = numbers("epoch")?.[0];
		if (Number.isInteger(epoch) && epoch >= 0 && epoch < page.spaces[space][0].maps[map].points.length - 1) page.showEpoch(epoch);
		page.showClasses();
	},
};

// ---- Begin

async function begin() {
	page.numbers = await Numbers.read(control("bytes").textContent, head.bytes);
	page.images = page.numbers.of(head.images);
	page.look.labels = page.numbers.of(head.labels);
	if (head.classifier) page.classifier = new Classifier(head.classifier, page.numbers, head.side);
	document.querySelectorAll(".model").forEach((section, i) => page.panels.push(new Panel(section, i, page)));
	page.prepareControls();
	address.read();
}

try {
	await begin();
	globalThis.explorer = Object.assign(page, {head, work, decode, encode}); // for the console
} catch (problem) {
	const text = control("problem");
	text.hidden = false;
	text.textContent = `The page cannot be shown here (${problem}). A browser of 2023 or newer can.`;
	throw problem;
}
document.documentElement.dataset.ready = "yes";
