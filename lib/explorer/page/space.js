// A latent space as a model has it: its codes, the maps that show it in the plane, and what codes are drawn from.

/** The rows of x, [n, dim], that are nearest to a point, nearest first: at most k pairs of squared distance and row. */
function nearestRows(x, dim, point, k, shown = () => true) {
	const found = [];
	for (let i = 0, n = x.length / dim; i < n; i++) {
		let d = 0;
		for (let j = 0; j < dim; j++) d += (x[i * dim + j] - point[j]) ** 2;
		if (found.length === k && d >= found[k - 1][0] || !shown(i)) continue;
		let at = found.length;
		while (at > 0 && found[at - 1][0] > d) at--;
		found.splice(at, 0, [d, i]);
		if (found.length > k) found.pop();
	}
	return found;
}

/** The mean of rows of x, [n, dim], each weighted by one over its squared distance. */
function weightedMean(x, dim, rows) {
	const mean = new Float32Array(dim), least = 1e-9 + rows[0][0] / 100;
	let all = 0;
	for (const [d, i] of rows) {
		const weight = 1 / (d + least);
		all += weight;
		for (let j = 0; j < dim; j++) mean[j] += weight * x[i * dim + j];
	}
	return mean.map(v => v / all);
}

const layoutRows = 5; // codes that a place of a layout stands for

/** A map of a space: from codes to places and back. */
class SpaceMap {
	constructor(data, dim, codes, numbers) {
		this.name = data.name;
		this.kind = data.kind;
		this.plane = data.plane;
		this.dim = dim;
		this.codes = codes;
		this.points = data.points.map(a => {
			const {x, y, side} = data.plane;
			return Float32Array.from(numbers.of(a), (q, i) => (i % 2 ? y : x) + q / 65535 * side);
		});
		[this.origin, this.axes, this.spread] = [data.origin, data.axes, data.spread].map(a => numbers.of(a));
		this.others = new Float32Array(dim); // the components along the axes that are not shown; the first two stay 0
	}

	/** Whether it shows how codes move in training. */
	get moves() { return this.points.length > 1; }

	/** The components of a code along all axes. */
	components(code) {
		return Float32Array.from(this.spread, (_, k) => {
			let sum = 0;
			for (let j = 0; j < this.dim; j++) sum += (code[j] - this.origin[j]) * this.axes[k * this.dim + j];
			return sum;
		});
	}

	/** The place of a code. */
	place(code) {
		if (this.kind === "identity") return {x: code[0], y: code[1]};
		if (this.kind === "linear") {
			const [x, y] = this.components(code);
			return {x, y};
		}
		const [x, y] = weightedMean(this.points.at(-1), 2, nearestRows(this.codes, this.dim, code, layoutRows));
		return {x, y};
	}

	/** The code that a place stands for. */
	code({x, y}) {
		if (this.kind === "identity") return Float32Array.of(x, y);
		if (this.kind === "layout") return weightedMean(this.codes, this.dim, nearestRows(this.points.at(-1), 2, [x, y], layoutRows));
		const code = Float32Array.from(this.origin), along = Float32Array.from(this.others);
		[along[0], along[1]] = [x, y];
		for (let k = 0; k < this.dim; k++) {
			for (let j = 0; along[k] !== 0 && j < this.dim; j++) code[j] += along[k] * this.axes[k * this.dim + j];
		}
		return code;
	}
}

/** Numbers in [0, 1) that a seed determines (mulberry32). */
function randomNumbers(seed) {
	return () => {
		seed = seed + 0x6d2b79f5 | 0;
		let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
		t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
		return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
	};
}

/** A mixture of Gaussians from which codes are drawn. */
class Source {
	constructor({name, weights, means, factors}, dim, numbers) {
		this.name = name;
		this.dim = dim;
		[this.weights, this.means, this.factors] = [weights, means, factors].map(a => numbers.of(a));
	}

	draw(random) {
		const {dim} = this, normal = Float32Array.from({length: dim}, () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
		let k = 0;
		for (let left = random(); k < this.weights.length - 1 && left >= this.weights[k]; k++) left -= this.weights[k];
		return Float32Array.from({length: dim}, (_, i) => {
			let sum = this.means[k * dim + i];
			for (let j = 0; j <= i; j++) sum += this.factors[(k * dim + i) * dim + j] * normal[j];
			return sum;
		});
	}
}

/** A model of a space. */
class Model {
	constructor(data, space, numbers) {
		this.name = data.name;
		this.about = data.about;
		this.dim = space.dim;
		this.codes = numbers.of(data.codes);
		this.encoder = new Network(data.encoder, numbers);
		this.decoder = new Network(data.decoder, numbers);
		this.clusters = data.clusters.map(c => ({method: c.method, of: numbers.of(c.of)}));
		this.sources = data.sources.map(s => new Source(s, space.dim, numbers));
		this.epochs = data.epochs.map(e => ({...e, pictures: numbers.of(e.pictures)}));
		this.maps = data.maps.map(m => new SpaceMap(m, space.dim, this.codes, numbers));
	}

	code(image) { return this.codes.subarray(image * this.dim, (image + 1) * this.dim); }

	decode(code) { return decode(this.decoder, code); }
}
