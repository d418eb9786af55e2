// A plane: where codes stand on a canvas, and how they are drawn. Lengths are CSS pixels.

const dot = 2.1; // radius of a point

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

class Plane {
	/** look is what all planes share: labels, hidden (a set of classes), shade (-1: none), last (whether the last epoch is shown). */
	constructor(canvas, model, numbers, look) {
		this.canvas = canvas;
		this.look = look;
		this.whole = model.plane;
		this.view = {...model.plane};
		this.epochs = model.codes.map(a => {
			const shares = numbers.of(a), {x, y, side} = model.plane;
			return Float32Array.from(shares, (q, i) => (i % 2 ? y : x) + q / 65535 * side);
		});
		this.shades = model.shades.map(s => ({side: s.side, values: numbers.of(s.values)}));
		this.points = this.epochs.at(-1); // where the codes are drawn; between epochs while they move
		this.ground = document.createElement("canvas"); // all that does not follow the pointer
		this.stale = true;
	}

	/** The code of an image after the last epoch. */
	code(image) { return {x: this.epochs.at(-1)[2 * image], y: this.epochs.at(-1)[2 * image + 1]}; }

	/** The place at which an image is drawn now. */
	place(image) { return {x: this.points[2 * image], y: this.points[2 * image + 1]}; }

	get size() { return this.canvas.clientWidth; }

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

	/** The value of a shade at a place, between those of its grid. */
	shadeAt({side: k, values}, {x, y}) {
		const {whole} = this, most = k - 1;
		const column = Math.min(Math.max((x - whole.x) / whole.side * most, 0), most);
		const row = Math.min(Math.max((y - whole.y) / whole.side * most, 0), most);
		const c = Math.min(Math.floor(column), k - 2), r = Math.min(Math.floor(row), k - 2), at = r * k + c;
		const u = column - c, v = row - r;
		return (values[at] * (1 - u) + values[at + 1] * u) * (1 - v) + (values[at + k] * (1 - u) + values[at + k + 1] * u) * v;
	}

	/** Draws the plane, with the cursor, the chosen image (-1: none) and the way ({from, to} or null). */
	draw({cursor, chosen, way}) {
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
		if (way) this.drawWay(c, way);
		if (chosen >= 0) this.drawChosen(c, chosen);
		if (cursor) this.drawCursor(c, cursor);
	}

	drawGround(width, density) {
		this.ground.width = this.ground.height = width;
		const c = this.ground.getContext("2d");
		if (this.look.last && this.look.shade >= 0) this.drawShade(c, width, density);
		else {
			c.fillStyle = colour("ground");
			c.fillRect(0, 0, width, width);
		}
		c.scale(density, density);
		this.drawAxes(c);
		this.drawPoints(c);
		this.stale = false;
	}

	/** Tints unusual places and hatches holes. */
	drawShade(c, width, density) {
		const shade = this.shades[this.look.shade], hole = this.look.hole, picture = c.createImageData(width, width);
		const ground = channels(colour("ground")), tint = channels(colour("shade")), scale = this.view.side / width;
		const period = 7 * density, line = 1.3 * density;
		for (let row = 0, at = 0; row < width; row++) {
			for (let column = 0; column < width; column++, at += 4) {
				const value = this.shadeAt(shade, {x: this.view.x + column * scale, y: this.view.y + (width - row) * scale});
				const share = value <= hole ? .25 * value / hole : (row + column) % period < line ? .5 : .25;
				for (let i = 0; i < 3; i++) picture.data[at + i] = ground[i] + share * (tint[i] - ground[i]);
				picture.data[at + 3] = 255;
			}
		}
		c.putImageData(picture, 0, 0);
	}

	/** Ticks with their numbers, and the circle that holds 99 % of N(0, I). */
	drawAxes(c) {
		const {view, size} = this, step = tickStep(view.side);
		c.fillStyle = c.strokeStyle = colour("faint");
		c.font = "11px system-ui, sans-serif";
		c.lineWidth = 1;
		const name = v => String(+v.toPrecision(6)).replace("-", "−");
		for (let v = Math.ceil(view.x / step) * step; v < view.x + view.side; v += step) {
			const [px] = this.toPixel({x: v, y: 0});
			c.fillRect(px, size - 5, 1, 5);
			c.textAlign = "center";
			if (px > 24 && px < size - 12) c.fillText(name(v), px, size - 8);
		}
		for (let v = Math.ceil(view.y / step) * step; v < view.y + view.side; v += step) {
			const [, py] = this.toPixel({x: 0, y: v});
			c.fillRect(0, py, 5, 1);
			c.textAlign = "left";
			if (py > 12 && py < size - 24) c.fillText(name(v), 8, py + 4);
		}
		const [px, py] = this.toPixel({x: 0, y: 0});
		c.setLineDash([5, 4]);
		c.beginPath();
		c.arc(px, py, Math.sqrt(2 * Math.log(100)) * size / view.side, 0, 2 * Math.PI);
		c.stroke();
		c.setLineDash([]);
	}

	drawPoints(c) {
		const {labels, hidden} = this.look, classes = Math.max(this.look.classes.length, 1); // without labels, all are 0
		const radius = dot * Math.min(2, Math.sqrt(Math.sqrt(this.whole.side / this.view.side)));
		c.globalAlpha = .8;
		for (let label = 0; label < classes; label++) {
			if (hidden.has(label)) continue;
			c.fillStyle = colour("class-" + label);
			c.beginPath();
			for (let i = 0; i < labels.length; i++) {
				if (labels[i] !== label) continue;
				const [px, py] = this.toPixel(this.place(i));
				c.moveTo(px + radius, py);
				c.arc(px, py, radius, 0, 2 * Math.PI);
			}
			c.fill();
		}
		c.globalAlpha = 1;
	}

	/** Strokes the path twice, so that it is seen on any ground. */
	stroke(c, width) {
		for (const [name, more] of [["ground", 3], ["text", 0]]) {
			c.strokeStyle = colour(name);
			c.lineWidth = width + more;
			c.stroke();
		}
	}

	drawChosen(c, image) {
		const [px, py] = this.toPixel(this.place(image));
		c.beginPath();
		c.arc(px, py, 7, 0, 2 * Math.PI);
		this.stroke(c, 2);
		c.fillStyle = colour("class-" + this.look.labels[image]);
		c.beginPath();
		c.arc(px, py, 4, 0, 2 * Math.PI);
		c.fill();
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

	drawWay(c, {from, to}) {
		const [px, py] = this.toPixel(from), [qx, qy] = this.toPixel(to);
		c.beginPath();
		c.moveTo(px, py);
		c.lineTo(qx, qy);
		for (const [x, y] of [[px, py], [qx, qy]]) {
			c.moveTo(x + 4, y);
			c.arc(x, y, 4, 0, 2 * Math.PI);
		}
		this.stroke(c, 2);
	}
}
