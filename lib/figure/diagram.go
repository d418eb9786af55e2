package figure

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"strconv"
	"strings"
)

// DiagramOptions describes the model that a block diagram shows.
type DiagramOptions struct {
	Kind       string  // "ae" or "vae"
	Input      int     // number of pixels of an image; 0: 784
	Hidden     []int   // nodes of the encoder's hidden layers from the input on, at most 8 layers; the decoder has them in reverse order
	Latent     int     // dimensions of the code
	Activation string  // of the hidden layers, such as "relu"
	Output     string  // of the last layer, such as "sigmoid"; "": none
	Loss       string  // reconstruction loss, in words
	Beta       float64 // weight of the KL in the VAE's loss
	Prior      string  // of the VAE's codes, in words; "": N(0, I)
}

// Diagram draws the blocks of an autoencoder or variational autoencoder with the size of each layer: the encoder, the
// code (for a VAE: mean, log-variance and the sampling), the decoder, and the loss. The VAE is that of Kingma and
// Welling (arXiv 1906.02691): z = μ + σ·ε with ε drawn from N(0, I).
func Diagram(o DiagramOptions) (*Figure, error) {
	if o.Input == 0 {
		o.Input = 784
	}
	o.Prior = cmp.Or(o.Prior, "N(0, I)")
	switch {
	case o.Kind != "ae" && o.Kind != "vae":
		return nil, fmt.Errorf(`figure: kind of model %q, want "ae" or "vae"`, o.Kind)
	case o.Input < 1 || o.Latent < 1:
		return nil, fmt.Errorf("figure: %d inputs and code size %d, want 1 or more of both", o.Input, o.Latent)
	case len(o.Hidden) > 8:
		return nil, fmt.Errorf("figure: %d hidden layers, a diagram shows at most 8", len(o.Hidden))
	case !(o.Beta >= 0) || math.IsInf(o.Beta, 0):
		return nil, fmt.Errorf("figure: beta %v, want 0 or more", o.Beta)
	}
	for i, h := range o.Hidden {
		if h < 1 {
			return nil, fmt.Errorf("figure: hidden layer %d has size %d, want 1 or more", i+1, h)
		}
	}
	d := diagram{DiagramOptions: o, pitch: min(max(620/float64(2*len(o.Hidden)+2), 72), 128)}
	d.arrange()
	p, err := newPage(d.w, d.h)
	if err != nil {
		return nil, err
	}
	d.page = p
	d.draw()
	return p.figure(d.alt(), d.caption()), nil
}

var (
	hueEncoder = palette[0]
	hueCode    = palette[4]
	hueDecoder = palette[6]
)

const (
	barWidth    = 24  // of a layer
	tallestBar  = 210 // of the largest layer
	shortestBar = 38
	vectorWidth = 66 // of mean and log-variance
	vectorGap   = 26 // between them
	sampleWidth = 128
)

// diagram holds the places of the parts. An x is the middle of a part.
type diagram struct {
	DiagramOptions
	*page
	w, h, pitch  float64
	middle       float64 // y of the middle of all layers
	labels       float64 // y below all layers, where their sizes are written
	encoder      []layer // input and hidden layers
	decoder      []layer // hidden layers and output
	vectors      float64 // x of mean and log-variance
	sample       float64 // x of the sampling step
	vectorTall   float64 // height of mean and of log-variance
	code         layer
	reconstruct  string // text of the reconstruction loss
	divergence   string // text of the KL; "" for an AE
	lossTop      float64
	lossBoxWidth float64
}

type layer struct {
	x, tall float64
	size    int
	note    string // below its size
}

func (d *diagram) arrange() {
	largest := max(d.Input, d.Latent)
	for _, h := range d.Hidden {
		largest = max(largest, h)
	}
	tall := func(size int) float64 {
		return shortestBar + (tallestBar-shortestBar)*math.Log(float64(size))/math.Log(float64(max(largest, 2)))
	}
	x := margin + 52.0
	place := func(size int, note string) layer {
		return layer{x: x, tall: tall(size), size: size, note: wrap(smallInk, d.pitch-8, note)}
	}
	d.encoder = append(d.encoder, place(d.Input, "input x"))
	for _, h := range d.Hidden {
		x += d.pitch
		d.encoder = append(d.encoder, place(h, d.Activation))
	}
	x += d.pitch
	if d.Kind == "vae" {
		x += 24
		d.vectors = x
		d.sample = x + vectorWidth/2 + 40 + sampleWidth/2
		x = d.sample + sampleWidth/2 + 44
	}
	d.vectorTall = min(tall(d.Latent), 64)
	d.code = place(d.Latent, "code z")
	for i := len(d.Hidden) - 1; i >= 0; i-- {
		x += d.pitch
		d.decoder = append(d.decoder, place(d.Hidden[i], d.Activation))
	}
	x += d.pitch
	output := "output x′"
	if d.Output != "" {
		output += " (" + d.Output + ")"
	}
	d.decoder = append(d.decoder, place(d.Input, output))
	d.w = x + 52 + margin

	d.middle = margin + 30 + tallestBar/2
	d.labels = d.middle + tallestBar/2 + 20
	noted := 1
	for _, l := range append(append([]layer{d.code}, d.encoder...), d.decoder...) {
		noted = max(noted, lines(l.note))
	}
	d.lossTop = d.labels + 8 + float64(noted)*sizeSmall*leading + 24
	d.lossBoxWidth = d.decoder[len(d.decoder)-1].x - d.encoder[0].x - 60
	d.reconstruct = "reconstruction loss L(x, x′)"
	if d.Loss != "" {
		d.reconstruct += ": " + d.Loss
	}
	if d.Kind == "vae" {
		d.reconstruct = "loss = L(x, x′) + " + weighted(d.Beta, "KL") + "\n" + d.reconstruct
		d.divergence = "KL( N(μ, σ²) ‖ " + d.Prior + " )"
	}
	d.reconstruct = wrap(textInk, d.lossBoxWidth-20, d.reconstruct)
	d.h = d.lossTop + height(textInk, d.reconstruct) + 22 + margin
	if d.divergence != "" {
		d.h += 46
	}
}

// weighted is a term of the loss with its weight, unless that is 1.
func weighted(weight float64, term string) string {
	if weight == 1 {
		return term
	}
	return strconv.FormatFloat(weight, 'g', 3, 64) + " · " + term
}

func (d *diagram) draw() {
	first, last := d.encoder[0], d.decoder[len(d.decoder)-1]
	inner := d.encoder[len(d.encoder)-1]
	// First the connections of the layers, then the layers on top of them.
	for i, l := range d.encoder[1:] {
		d.connect(d.encoder[i], l, hueEncoder)
	}
	if d.Kind == "ae" {
		d.connect(inner, d.code, hueEncoder)
	} else {
		d.drawSampling(inner)
	}
	d.connect(d.code, d.decoder[0], hueDecoder)
	for i, l := range d.decoder[1:] {
		d.connect(d.decoder[i], l, hueDecoder)
	}
	for _, l := range d.encoder {
		d.bar(l, hueEncoder)
	}
	d.bar(d.code, hueCode)
	for _, l := range d.decoder {
		d.bar(l, hueDecoder)
	}
	d.arrow(inkText, first.x-barWidth/2-36, d.middle, first.x-barWidth/2-3, d.middle)
	d.arrow(inkText, last.x+barWidth/2+2, d.middle, last.x+barWidth/2+36, d.middle)
	k := ink{size: sizeText + 1, italic: true, colour: inkText, align: 0.5}
	d.write(k, first.x-barWidth/2-24, d.middle-8, "x")
	d.write(k, last.x+barWidth/2+22, d.middle-8, "x′")

	end := d.code.x - barWidth/2
	if d.Kind == "vae" {
		end = d.vectors - vectorWidth/2
	}
	head := titleInk.aligned(0.5)
	head.colour = mix(hueEncoder, inkText, 0.35)
	d.write(head, (first.x+end)/2, margin+14, "Encoder")
	head.colour = mix(hueDecoder, inkText, 0.25)
	d.write(head, (d.code.x+barWidth/2+last.x)/2, margin+14, "Decoder")
	if d.Kind == "vae" {
		head.colour = mix(hueCode, inkText, 0.2)
		d.write(head, (d.vectors+d.code.x)/2, margin+14, "Latent distribution")
	}
	d.drawLoss(first.x, last.x)
}

// drawSampling draws the mean and the log-variance, and the code that is drawn from them.
func (d *diagram) drawSampling(inner layer) {
	tall := d.vectorTall
	upper, lower := d.middle-tall/2-vectorGap/2, d.middle+tall/2+vectorGap/2
	left, right := d.vectors-vectorWidth/2, d.vectors+vectorWidth/2
	for _, y := range []float64{upper, lower} {
		d.polygon(faint(hueEncoder, 0.16), inner.x+barWidth/2, d.middle-inner.tall/2, left, y-tall/2, left, y+tall/2, inner.x+barWidth/2, d.middle+inner.tall/2)
	}
	mid := ink{size: sizeText + 1, colour: inkText, align: 0.5, italic: true}
	sampleLeft := d.sample - sampleWidth/2
	for i, y := range []float64{upper, lower} {
		d.arrow(inkSoft, inner.x+barWidth/2+2, d.middle+(y-d.middle)*0.25, left-3, y)
		d.frame(left, y-tall/2, vectorWidth, tall, hueCode)
		d.writeMid(mid, d.vectors, y, []string{"μ", "log σ²"}[i])
		d.write(smallInk.aligned(0.5), d.vectors, []float64{upper - tall/2 - 6, lower + tall/2 + 6 + sizeSmall*0.8}[i], []string{"mean: ", "log-variance: "}[i]+strconv.Itoa(d.Latent))
		d.arrow(inkSoft, right+2, y, sampleLeft-3, d.middle+(y-d.middle)*0.3)
	}
	const boxTall = 54
	d.frame(sampleLeft, d.middle-boxTall/2, sampleWidth, boxTall, hueCode)
	d.writeMid(mid, d.sample, d.middle-9, "z = μ + σ · ε")
	small := smallInk.aligned(0.5)
	d.writeMid(small, d.sample, d.middle+12, "σ = exp(½ log σ²)")
	d.write(small, d.sample, d.middle-boxTall/2-8, "sampling")
	below := d.middle + boxTall/2
	d.arrow(inkSoft, d.sample, below+24, d.sample, below+3)
	mid.size = sizeText
	d.write(mid, d.sample, below+38, "ε ~ N(0, I)")
	d.arrow(inkSoft, sampleLeft+sampleWidth+2, d.middle, d.code.x-barWidth/2-3, d.middle)
}

// drawLoss draws, below everything, which values enter the loss.
func (d *diagram) drawLoss(first, last float64) {
	top, mid := d.lossTop, (first+last)/2
	w := min(width(textInk, d.reconstruct)+28, d.lossBoxWidth)
	if d.divergence != "" {
		// The KL is below the vectors from which it is computed.
		half := width(textInk, d.divergence)/2 + 10
		x := max(d.vectors, first+30+half)
		d.frame(x-half, top, 2*half, 28, hueCode)
		d.writeMid(textInk.aligned(0.5), x, top+14, d.divergence)
		d.arrow(inkSoft, d.vectors, d.middle+d.vectorTall+vectorGap/2+6+sizeSmall+8, d.vectors, top-3)
		down := min(max(x, mid-w/2+14), mid+w/2-14)
		d.arrow(inkSoft, down, top+28+1, down, top+46-3)
		top += 46
	}
	tall := height(textInk, d.reconstruct) + 20
	d.frame(mid-w/2, top, w, tall, inkAxis)
	d.writeMid(textInk.aligned(0.5), mid, top+tall/2, d.reconstruct)
	from := d.labels + 8 + float64(lines(d.decoder[len(d.decoder)-1].note))*sizeSmall*leading
	for side, x := range []float64{first, last} {
		edge := mid - w/2 - 3
		if side == 1 {
			edge = mid + w/2 + 3
		}
		d.line(inkSoft, 1, 0, x, from, x, top+tall/2)
		d.arrow(inkSoft, x, top+tall/2, edge, top+tall/2)
	}
}

// bar draws a layer, with its size and note at the foot of the diagram.
func (d *diagram) bar(l layer, c color.NRGBA) {
	d.polygon(c, l.x-barWidth/2, d.middle-l.tall/2, l.x+barWidth/2, d.middle-l.tall/2, l.x+barWidth/2, d.middle+l.tall/2, l.x-barWidth/2, d.middle+l.tall/2)
	size := textInk.aligned(0.5)
	size.bold = true
	d.write(size, l.x, d.labels, number(float64(l.size), 0))
	d.write(smallInk.aligned(0.5), l.x, d.labels+4+sizeSmall, l.note)
}

// connect draws the connection between two fully connected layers.
func (d *diagram) connect(a, b layer, c color.NRGBA) {
	d.polygon(faint(c, 0.2), a.x+barWidth/2, d.middle-a.tall/2, b.x-barWidth/2, d.middle-b.tall/2, b.x-barWidth/2, d.middle+b.tall/2, a.x+barWidth/2, d.middle+a.tall/2)
	d.arrow(inkSoft, a.x+barWidth/2+5, d.middle, b.x-barWidth/2-4, d.middle)
}

// frame draws an outlined, lightly filled box.
func (d *diagram) frame(x, y, w, h float64, c color.NRGBA) {
	d.polygon(mix(inkPaper, c, 0.16), x, y, x+w, y, x+w, y+h, x, y+h)
	d.line(c, 1.4, 0, x, y, x+w, y, x+w, y+h, x, y+h, x, y-0.7)
}

// arrow draws a line with an arrow head at x1, y1.
func (p *page) arrow(c color.Color, x0, y0, x1, y1 float64) {
	const long, half = 7, 3
	l := math.Hypot(x1-x0, y1-y0)
	if l == 0 {
		return
	}
	ux, uy := (x1-x0)/l, (y1-y0)/l
	bx, by := x1-long*ux, y1-long*uy
	p.line(c, 1.1, 0, x0, y0, bx, by)
	p.polygon(c, x1, y1, bx-half*uy, by+half*ux, bx+half*uy, by-half*ux)
}

func (d *diagram) alt() string {
	sizes := func(hidden []int) string {
		if len(hidden) == 0 {
			return "no hidden layer"
		}
		var s []string
		for _, h := range hidden {
			s = append(s, strconv.Itoa(h))
		}
		return "hidden layers of " + strings.Join(s, ", ")
	}
	mirror := make([]int, len(d.Hidden))
	for i, h := range d.Hidden {
		mirror[len(mirror)-1-i] = h
	}
	code := fmt.Sprintf("a code of %d", d.Latent)
	if d.Kind == "vae" {
		code = fmt.Sprintf("two vectors of %d, mean and log-variance, from which a code of %d is sampled as mean plus standard deviation times normal noise", d.Latent, d.Latent)
	}
	s := fmt.Sprintf("Block diagram of %s. The encoder leads from %d inputs over %s to %s; the decoder mirrors it over %s to %d outputs.",
		d.name(), d.Input, sizes(d.Hidden), code, sizes(mirror), d.Input)
	s += " Input and output enter the reconstruction loss"
	if d.Loss != "" {
		s += ", " + d.Loss
	}
	if d.Kind == "vae" {
		s += fmt.Sprintf("; mean and variance enter the KL divergence from %s, which is added with weight %v", d.Prior, d.Beta)
	}
	return s + "."
}

func (d *diagram) name() string {
	if d.Kind == "vae" {
		return "a variational autoencoder"
	}
	return "an autoencoder"
}

func (d *diagram) caption() string {
	return fmt.Sprintf("Block diagram of %s; the numbers are the sizes of the layers, all fully connected.", d.name())
}
