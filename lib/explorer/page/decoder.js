// What the page holds, and what its decoders compute.

/** The numbers of the page by the arrays of its head: half precision becomes single, integers stay. */
class Numbers {
	constructor(buffer) {
		this.buffer = buffer;
		this.singles = Float32Array.from({length: 1 << 16}, (_, h) => Numbers.single(h));
	}

	/** The value of a number of half precision (IEEE 754 binary16). */
	static single(h) {
		const sign = h >> 15 ? -1 : 1, exponent = h >> 10 & 0x1f, fraction = h & 0x3ff;
		if (exponent === 0) return sign * fraction * 2 ** -24;
		if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
		return sign * (1024 + fraction) * 2 ** (exponent - 25);
	}

	of(array) {
		if (array.type === "uint8") return new Uint8Array(this.buffer, array.at, array.size);
		const integers = new Uint16Array(this.buffer, array.at, array.size);
		return array.type === "half" ? Float32Array.from(integers, h => this.singles[h]) : integers;
	}

	/** Reads the numbers that stand in the page, compressed, in base64. */
	static async read(text) {
		const packed = Uint8Array.from(atob(text), c => c.charCodeAt(0));
		const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
		return new Numbers(await new Response(stream).arrayBuffer());
	}
}

/** Activations of hidden layers. */
const activations = {
	relu: v => Math.max(v, 0),
	silu: v => v / (1 + Math.exp(-v)),
	tanh: Math.tanh,
};

/** A fully connected decoder: hidden layers with an activation, then one with the logistic function. */
class Decoder {
	constructor(layers, hidden, numbers) {
		this.activation = activations[hidden];
		this.layers = layers.map(l => ({
			inputs: l.in, weights: numbers.of(l.weights), bias: numbers.of(l.bias),
		}));
	}

	/** The image at a place of the plane, grey levels row by row. */
	decode(x, y) {
		let values = Float32Array.of(x, y);
		this.layers.forEach((layer, i) => {
			if (i > 0) values = values.map(this.activation);
			values = Decoder.dense(values, layer);
		});
		return Uint8Array.from(values, v => 255 / (1 + Math.exp(-v)) + .5);
	}

	/** values [in] x weights [in, out] + bias [out]. */
	static dense(values, {inputs, weights, bias}) {
		const sum = Float32Array.from(bias), n = sum.length;
		for (let i = 0; i < inputs; i++) {
			const value = values[i];
			if (value === 0) continue;
			for (let j = 0, at = i * n; j < n; j++) sum[j] += value * weights[at + j];
		}
		return sum;
	}
}

/** Draws images of side x side grey levels beside each other on a canvas, as ink on paper: 0 is white. No images: it is emptied. */
function drawImages(canvas, images, side) {
	const context = canvas.getContext("2d");
	canvas.width = side * Math.max(images.length, 1);
	canvas.height = side;
	images.forEach((image, place) => {
		const picture = context.createImageData(side, side);
		image.forEach((level, i) => picture.data.set([255 - level, 255 - level, 255 - level, 255], 4 * i));
		context.putImageData(picture, place * side, 0);
	});
}
