// What encoders, decoders and the classifier compute.

/** Activations of hidden layers. */
const activations = {
	relu: v => Math.max(v, 0),
	silu: v => v / (1 + Math.exp(-v)),
	tanh: Math.tanh,
};

/** A fully connected layer, and the products of a convolution. */
class Layer {
	constructor({in: inputs, out: outputs, weights, steps, bias}, numbers) {
		const [whole, step] = [numbers.of(weights), numbers.of(steps)];
		this.inputs = inputs;
		this.outputs = outputs;
		this.weights = Float32Array.from(whole, (v, i) => v * step[i % outputs]);
		this.bias = numbers.of(bias);
	}

	/** values [in] x weights [in, out] + bias [out]. */
	apply(values) {
		const sum = Float32Array.from(this.bias), n = this.outputs, {weights} = this;
		for (let i = 0; i < this.inputs; i++) {
			const value = values[i];
			if (value === 0) continue;
			for (let j = 0, at = i * n; j < n; j++, at++) sum[j] += value * weights[at];
		}
		return sum;
	}
}

/** A fully connected network. */
class Network {
	constructor({layers, hidden}, numbers) {
		this.activation = activations[hidden];
		this.layers = layers.map(l => new Layer(l, numbers));
	}

	apply(values) {
		this.layers.forEach((layer, i) => { values = layer.apply(i > 0 ? values.map(this.activation) : values); });
		return values;
	}
}

/** The image of a code, grey levels row by row. */
function decode(decoder, code) {
	return Uint8Array.from(decoder.apply(code), v => 255 / (1 + Math.exp(-v)) + .5);
}

/** The code of an image of grey levels. */
function encode(encoder, image) {
	return encoder.apply(Float32Array.from(image, v => v / 255));
}

/** The study's convolutional classifier. */
class Classifier {
	constructor({convolutions, layers}, numbers, side) {
		this.side = side;
		this.convolutions = convolutions.map(l => new Layer(l, numbers));
		this.network = new Network({layers, hidden: "relu"}, numbers);
	}

	/** The probability of each class for an image of grey levels. */
	classify(image) {
		let values = Float32Array.from(image, v => v / 255), side = this.side;
		for (const layer of this.convolutions) [values, side] = Classifier.convolve(layer, values, side);
		const logits = this.network.apply(values), most = Math.max(...logits), powers = logits.map(v => Math.exp(v - most));
		const sum = powers.reduce((a, b) => a + b);
		return powers.map(v => v / sum);
	}

	/** A convolution of 3 x 3 of values [side, side, channels] without padding, the largest value of 2 x 2, and ReLU. */
	static convolve(layer, values, side) {
		const channels = layer.inputs / 9, n = layer.outputs, wide = side - 2, half = wide > 1 ? wide >> 1 : 1, pool = wide > 1 ? 2 : 1;
		const most = new Float32Array(half * half * n).fill(-Infinity), sum = new Float32Array(n);
		for (let row = 0; row < half * pool; row++) {
			for (let column = 0; column < half * pool; column++) {
				sum.set(layer.bias);
				for (let i = 0; i < 3; i++) {
					for (let k = 0, from = ((row + i) * side + column) * channels; k < 3 * channels; k++) {
						const value = values[from + k];
						if (value === 0) continue;
						for (let o = 0, at = (3 * i * channels + k) * n; o < n; o++) sum[o] += value * layer.weights[at + o];
					}
				}
				const to = ((row / pool | 0) * half + (column / pool | 0)) * n;
				for (let o = 0; o < n; o++) most[to + o] = Math.max(most[to + o], sum[o]);
			}
		}
		return [most.map(v => Math.max(v, 0)), half];
	}
}

/** The distance of an image to the nearest of images, both grey levels: the root of the sum of squared differences of pixel values in
 * [0, 1]. The image numbered skip is not compared. */
function distance(image, images, skip = -1) {
	const pixels = image.length;
	let best = Infinity;
	for (let i = 0, at = 0; at < images.length; i++, at += pixels) {
		if (i === skip) continue;
		let sum = 0;
		for (let j = 0; j < pixels && sum < best;) {
			for (const end = Math.min(j + 112, pixels); j < end; j++) {
				const d = image[j] - images[at + j];
				sum += d * d;
			}
		}
		if (sum < best) best = sum;
	}
	return Math.sqrt(best) / 255;
}
