// The numbers that the page holds.

/** The numbers of the page by the arrays of its head. */
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

	of({type, at, size}) {
		switch (type) {
		case "uint8": return new Uint8Array(this.buffer, at, size);
		case "uint16": return new Uint16Array(this.buffer, at, size);
		case "single": return new Float32Array(this.buffer, at, size);
		case "half": return Float32Array.from(new Uint16Array(this.buffer, at, size), h => this.singles[h]);
		case "int16": {
			const low = new Uint8Array(this.buffer, at, size), high = new Uint8Array(this.buffer, at + size, size);
			return Int16Array.from(low, (v, i) => {
				const folded = high[i] << 8 | v; // 0, 1, 2, 3, … are 0, -1, 1, -2, …
				return folded >> 1 ^ -(folded & 1);
			});
		}
		}
	}

	/** Reads the numbers that stand in the page: compressed, of so many bytes, in Ascii85 with v in place of <. */
	static async read(text, size) {
		const packed = new Uint8Array(Math.ceil(size / 4) * 4), view = new DataView(packed.buffer);
		let at = 0, sum = 0, digits = 0;
		for (let i = 0; i < text.length; i++) {
			let code = text.charCodeAt(i);
			if (code === 0x7a) { // z: four zero bytes
				at += 4;
				continue;
			}
			if (code === 0x76) code = 0x3c;
			sum = sum * 85 + code - 0x21;
			if (++digits === 5) {
				view.setUint32(at, sum);
				at += 4;
				sum = digits = 0;
			}
		}
		const stream = new Blob([packed.subarray(0, size)]).stream().pipeThrough(new DecompressionStream("gzip"));
		return new Numbers(await new Response(stream).arrayBuffer());
	}
}
