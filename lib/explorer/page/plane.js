// A plane: where codes stand on a canvas, and how they are drawn. Lengths are CSS pixels.

const dot = 2.1; // radius of a point
/** The size of the groups' names on a plane of a size, and their font. */
const nameSize = size => size < 200 ? 9 : 11;
const nameFont = size => `bold ${nameSize(size)}px system-ui, sans-serif`;

/** A number of the page's colours, read again when dark and light change. */
function colour(name) {
	return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
}

/** Red, green and blue of a colour #rrggbb. */
function channels(hex) {
	return [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));
}

/** Round steps, 1, 2 or 5 times a power of ten, of which about six make the length. */
function tickStep(length) {
	const power = 10 ** Math.floor(Math.log10(length / 6));
	return [1, 2, 5, 10].map(f => f * power).find(step => length / step <= 7);
}

/** The place of the i-th of side x side points of a grid over a square, in rows from the lower left. */
function gridPlace(area, side, i) {
	return {x: area.x + i % side / (side - 1) * area.side, y: area.y + Math.floor(i / side) / (side - 1) * area.side};
}

class Plane {
	/** look is what all planes share: labels, hidden (a set of classes), show. */
	constructor(canvas, look) {
		this.canvas = canvas;
		this.look = look;
		this.ground = document.createElement("canvas"); // all that does not follow the pointer
		this.stale = true;
		this.names = []; // of the groups, with the places where they are written
		this.shade = null; // {area, side, values}: values, 1 at the threshold, on a grid over a square
		this.pictures = null; // {area, side, images}: images decoded on a grid over a square
	}

	/** Shows a map of a model. */
	open(map) {
		this.map = map;
		this.whole = map.plane;
		this.view = {...map.plane};
		this.points = map.points.at(-1); // where the codes are drawn; between epochs while they move
		this.shade = this.pictures = null;
		this.stale = true;
	}

	/** The place at which an image is drawn now. */
	place(image) { return {x: this.points[2 * image], y: this.points[2 * image + 1]}; }

	get size() { return this.canvas.clientWidth; }

	/** Whether only a part of the plane is shown. */
	get enlarged() { return this.view.side < this.whole.side; }

	toPixel({x, y}) {
		const scale = this.size / this.view.side;
		return [(x - this.view.x) * scale, this.size - (y - this.view.y) * scale];
	}

	toCode(px, py) {
		const scale = this.view.side / this.size;
		return {x: this.view.x + px * scale, y: this.view.y + (this.size - py) * scale};
	}

	/** The image whose point is nearest to a place and at most so many pixels away, -1 if there is none. */
	nearest(place, reach) {
		let best = (reach * this.view.side / this.size) ** 2, found = -1;
		const {labels, hidden} = this.look;
		for (let i = 0; i < labels.length; i++) {
			const d = (this.points[2 * i] - place.x) ** 2 + (this.points[2 * i + 1] - place.y) ** 2;
			if (d <= best && !hidden.has(labels[i])) [best, found] = [d, i];
		}
		return found;
	}

	/** Shows the plane larger by a factor, with a place staying where it is. The whole plane is the least, which 0 stands for. */
	zoom(factor, {x, y}) {
		const {view, whole} = this;
		const wanted = Math.min(Math.max(view.side / factor, whole.side / 64), whole.side);
		const share = wanted / view.side;
		const within = (v, low) => Math.min(Math.max(v, low), low + whole.side - wanted);
		this.view = {x: within(x - (x - view.x) * share, whole.x), y: within(y - (y - view.y) * share, whole.y), side: wanted};
		this.stale = true;
	}

	/** Moves what is shown so that a place is inside. */
	reveal({x, y}) {
		const {view, whole} = this, margin = view.side / 10;
		const shift = (v, low, wholeLow) => {
			let to = low;
			if (v < low + margin) to = v - margin;
			if (v > low + view.side - margin) to = v + margin - view.side;
			return Math.min(Math.max(to, wholeLow), wholeLow + whole.side - view.side);
		};
		const [left, lower] = [shift(x, view.x, whole.x), shift(y, view.y, whole.y)];
		this.stale ||= left !== view.x || lower !== view.y;
		this.view = {x: left, y: lower, side: view.side};
	}

	/** Moves what is shown by pixels. */
	pan(dx, dy) {
		const {view, whole} = this, scale = view.side / this.size;
		const within = (v, low) => Math.min(Math.max(v, low), low + whole.side - view.side);
		this.view = {x: within(view.x - dx * scale, whole.x), y: within(view.y + dy * scale, whole.y), side: view.side};
		this.stale = true;
	}

	/** The value of the shade at a place, between those of its grid. */
	shadeAt({area, side: k, values}, {x, y}) {
		const most = k - 1;
		const column = Math.min(Math.max((x - area.x) / area.side * most, 0), most);
		const row = Math.min(Math.max((y - area.y) / area.side * most, 0), most);
		const c = Math.min(Math.floor(column), k - 2), r = Math.min(Math.floor(row), k - 2), at = r * k + c;
		const u = column - c, v = row - r;
		return (values[at] * (1 - u) + values[at + 1] * u) * (1 - v) + (values[at + k] * (1 - u) + values[at + k + 1] * u) * v;
	}

	/** Draws the plane, with the samples, a way (a list of places), the places of the reader's own image and of the chosen one, and the cursor, each null if
	 * there is none. */
	draw({samples, way, mine, chosen, cursor}) {
		const density = window.devicePixelRatio || 1, width = Math.round(this.size * density);
		if (width === 0) return;
		if (this.canvas.width !== width) {
			this.canvas.width = this.canvas.height = width;
			this.stale = true;
		}
		if (this.stale) this.drawGround(width, density);
		const c = this.canvas.getContext("2d");
		c.setTransform(1, 0, 0, 1, 0, 0);
		c.drawImage(this.ground, 0, 0);
		c.scale(density, density);
		for (const sample of samples) this.drawSample(c, sample);
		this.drawNames(c);
		if (way) this.drawWay(c, way);
		if (mine) this.drawChosen(c, {place: mine, fill: colour("warn")});
		if (chosen) this.drawChosen(c, chosen);
		if (cursor) this.drawCursor(c, cursor);
	}

	drawGround(width, density) {
		this.ground.width = this.ground.height = width;
		const c = this.ground.getContext("2d");
		c.fillStyle = colour("ground");
		c.fillRect(0, 0, width, width);
		if (this.shade) this.drawShade(c, width, density);
		c.scale(density, density);
		if (this.pictures) this.drawPictures(c);
		this.drawAxes(c);
		if (this.look.show === "points") this.drawPoints(c);
		if (this.look.show === "density") this.drawDensity(c);
		this.names = this.look.show !== "pictures" ? this.placeNames(c) : [];
		this.stale = false;
	}

	/** Tints places by the shade and hatches those beyond its threshold. */
	drawShade(c, width, density) {
		const {shade} = this, step = Math.max(1, Math.round(density)), n = Math.ceil(width / step), picture = c.createImageData(n, n);
		const ground = channels(colour("ground")), tint = channels(colour("shade")), scale = this.view.side / n;
		for (let row = 0, at = 0; row < n; row++) {
			for (let column = 0; column < n; column++, at += 4) {
				const value = this.shadeAt(shade, {x: this.view.x + column * scale, y: this.view.y + (n - row) * scale});
				const share = value <= 1 ? .3 * value * value : (row + column) % 7 < 1.3 ? .6 : .3;
				for (let i = 0; i < 3; i++) picture.data[at + i] = ground[i] + share * (tint[i] - ground[i]);
				picture.data[at + 3] = 255;
			}
		}
		const small = document.createElement("canvas");
		small.width = small.height = n;
		small.getContext("2d").putImageData(picture, 0, 0);
		c.drawImage(small, 0, 0, width, width);
	}

	/** The images decoded on a grid, where they belong. */
	drawPictures(c) {
		const {area, side: k, images} = this.pictures, size = .94 * area.side / (k - 1) / this.view.side * this.size;
		const small = document.createElement("canvas");
		images.forEach((image, i) => {
			drawImages(small, [image], Math.sqrt(image.length));
			const [px, py] = this.toPixel(gridPlace(area, k, i));
			c.drawImage(small, px - size / 2, py - size / 2, size, size);
		});
	}

	/** How many of the images shown lie about each place. */
	drawDensity(c) {
		const k = 80, {labels, hidden} = this.look, {view, size} = this;
		let counts = new Float32Array(k * k);
		for (let i = 0; i < labels.length; i++) {
			if (hidden.has(labels[i])) continue;
			const {x, y} = this.place(i), column = Math.floor((x - view.x) / view.side * k), row = Math.floor((y - view.y) / view.side * k);
			if (column >= 0 && column < k && row >= 0 && row < k) counts[row * k + column]++;
		}
		for (let pass = 0; pass < 3; pass++) { // three means of 3 x 3 are close to a Gaussian
			counts = counts.map((_, at) => {
				let sum = 0;
				for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) {
					const column = at % k + dx, row = Math.floor(at / k) + dy;
					if (column >= 0 && column < k && row >= 0 && row < k) sum += counts[row * k + column];
				}
				return sum / 9;
			});
		}
		const most = Math.max(...counts, 1e-9), picture = c.createImageData(k, k), tint = channels(colour("link"));
		for (let row = 0; row < k; row++) for (let column = 0; column < k; column++) {
			const at = 4 * ((k - 1 - row) * k + column);
			picture.data.set([...tint, 230 * Math.sqrt(counts[row * k + column] / most)], at);
		}
		const small = document.createElement("canvas");
		small.width = small.height = k;
		small.getContext("2d").putImageData(picture, 0, 0);
		c.drawImage(small, 0, 0, size, size);
	}

	/** Ticks with their numbers, and in a space of two dimensions the circle that holds 99 % of N(0, I). A layout has no scale. */
	drawAxes(c) {
		if (this.map.kind === "layout") return;
		const {view, size} = this, step = tickStep(view.side);
		c.fillStyle = c.strokeStyle = colour("faint");
		c.font = "11px system-ui, sans-serif";
		c.lineWidth = 1;
		const name = v => String(+v.toPrecision(6)).replace("-", "−");
		for (let k = Math.ceil(view.x / step); k * step < view.x + view.side; k++) {
			const v = k * step;
			const [px] = this.toPixel({x: v, y: 0});
			c.fillRect(px, size - 5, 1, 5);
			c.textAlign = "center";
			if (px > 24 && px < size - 12) c.fillText(name(v), px, size - 8);
		}
		for (let k = Math.ceil(view.y / step); k * step < view.y + view.side; k++) {
			const v = k * step;
			const [, py] = this.toPixel({x: 0, y: v});
			c.fillRect(0, py, 5, 1);
			c.textAlign = "left";
			if (py > 12 && py < size - 24) c.fillText(name(v), 8, py + 4);
		}
		if (this.map.kind !== "identity") return;
		const [px, py] = this.toPixel({x: 0, y: 0});
		c.setLineDash([5, 4]);
		c.beginPath();
		c.arc(px, py, Math.sqrt(2 * Math.log(100)) * size / view.side, 0, 2 * Math.PI);
		c.stroke();
		c.setLineDash([]);
	}

	drawPoints(c) {
		const {labels, hidden} = this.look, {of, colours} = this.groups;
		const radius = dot * Math.min(2, Math.sqrt(Math.sqrt(this.whole.side / this.view.side))) * Math.min(1, Math.sqrt(this.size / 300));
		c.lineWidth = .7;
		for (let group = 0; group < colours.length; group++) {
			c.fillStyle = colours[group];
			c.strokeStyle = `color-mix(in srgb, ${colours[group]} ${colour("rim")}, ${colour("text")})`;
			c.beginPath();
			for (let i = 0; i < labels.length; i++) {
				if (of[i] !== group || hidden.has(labels[i])) continue;
				const [px, py] = this.toPixel(this.place(i));
				c.moveTo(px + radius, py);
				c.arc(px, py, radius, 0, 2 * Math.PI);
			}
			c.fill();
			c.stroke();
		}
	}

	/** The names of the groups, if they have any, with their places: the medians of their points, or a little above or below if they overlap. A very small plane has no room for them. */
	placeNames(c) {
		if (this.size < 160) return [];
		const {labels, hidden} = this.look, {of, names = []} = this.groups, {size} = this, high = nameSize(size) + 2, placed = [];
		const middle = values => values.sort((a, b) => a - b)[values.length >> 1];
		c.font = nameFont(size);
		names.forEach((name, group) => {
			const places = [];
			for (let i = 0; i < labels.length; i++) if (of[i] === group && !hidden.has(labels[i])) places.push(this.toPixel(this.place(i)));
			const x = middle(places.map(p => p[0])), y = middle(places.map(p => p[1])), half = c.measureText(name).width / 2;
			if (!(x > half && x < size - half && y > high && y < size - high)) return;
			const overlaps = at => placed.some(t => Math.abs(t.at - at) < high && Math.abs(t.x - x) < t.half + half);
			let at = y;
			for (let k = 1; overlaps(at); k++) {
				if (k > 4) return; // it would lie among other groups
				at = y + (k % 2 ? 1 : -1) * Math.ceil(k / 2) * high / 2;
			}
			placed.push({name, x, at, half});
		});
		return placed;
	}

	/** Writes the names of the groups, over points and samples. */
	drawNames(c) {
		c.font = nameFont(this.size);
		c.textAlign = "center";
		c.lineWidth = 3;
		c.lineJoin = "round";
		c.strokeStyle = colour("ground");
		c.fillStyle = colour("text");
		for (const {name, x, at} of this.names) {
			c.strokeText(name, x, at + 4);
			c.fillText(name, x, at + 4);
		}
	}

	/** Strokes the path twice, so that it is seen on any ground. */
	stroke(c, width) {
		for (const [name, more] of [["ground", 3], ["text", 0]]) {
			c.strokeStyle = colour(name);
			c.lineWidth = width + more;
			c.stroke();
		}
	}

	drawChosen(c, {place, fill}) {
		const [px, py] = this.toPixel(place);
		c.beginPath();
		c.arc(px, py, 7, 0, 2 * Math.PI);
		this.stroke(c, 2);
		c.fillStyle = fill;
		c.beginPath();
		c.arc(px, py, 4, 0, 2 * Math.PI);
		c.fill();
	}

	/** A diamond for an image near the data, a cross for one that lies far from them. */
	drawSample(c, {place, far}) {
		const [px, py] = this.toPixel(place), r = Math.min(1, this.size / 350);
		c.beginPath();
		if (far) {
			for (const [dx, dy] of [[4 * r, 4 * r], [4 * r, -4 * r]]) {
				c.moveTo(px - dx, py - dy);
				c.lineTo(px + dx, py + dy);
			}
			c.strokeStyle = colour("ground");
			c.lineWidth = 4 * r;
			c.stroke();
			c.strokeStyle = colour("warn");
			c.lineWidth = 2 * r;
			c.stroke();
			return;
		}
		for (const [dx, dy] of [[0, -5], [5, 0], [0, 5], [-5, 0]]) c.lineTo(px + r * dx, py + r * dy);
		c.closePath();
		c.fillStyle = colour("text");
		c.fill();
		c.strokeStyle = colour("ground");
		c.lineWidth = 1.5 * r;
		c.stroke();
	}

	drawCursor(c, place) {
		const [px, py] = this.toPixel(place);
		c.beginPath();
		for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
			c.moveTo(px + 4 * dx, py + 4 * dy);
			c.lineTo(px + 11 * dx, py + 11 * dy);
		}
		this.stroke(c, 1.5);
	}

	drawWay(c, places) {
		const pixels = places.map(p => this.toPixel(p));
		c.beginPath();
		pixels.forEach(([px, py]) => c.lineTo(px, py));
		for (const [px, py] of [pixels[0], pixels.at(-1)]) {
			c.moveTo(px + 4, py);
			c.arc(px, py, 4, 0, 2 * Math.PI);
		}
		this.stroke(c, 2);
	}
}

/** Draws images of side x side grey levels beside each other on a canvas, in rows of so many, as ink on paper: 0 is white. No images: it is emptied. */
function drawImages(canvas, images, side, columns = images.length || 1) {
	const context = canvas.getContext("2d"), picture = context.createImageData(side, side);
	canvas.width = side * Math.min(columns, images.length || 1);
	canvas.height = side * Math.max(1, Math.ceil(images.length / columns));
	images.forEach((image, i) => {
		for (let j = 0; j < image.length; j++) {
			picture.data[4 * j] = picture.data[4 * j + 1] = picture.data[4 * j + 2] = 255 - image[j];
			picture.data[4 * j + 3] = 255;
		}
		context.putImageData(picture, i % columns * side, Math.floor(i / columns) * side);
	});
}
