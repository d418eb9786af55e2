package explorer

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/ascii85"
	"encoding/binary"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/x448/float16"
)

var (
	//go:embed page/index.html
	pageSource string
	//go:embed page/style.css
	style string
	//go:embed page/numbers.js
	numbersScript string
	//go:embed page/network.js
	networkScript string
	//go:embed page/space.js
	spaceScript string
	//go:embed page/plane.js
	planeScript string
	//go:embed page/panel.js
	panelScript string
	//go:embed page/explorer.js
	explorerScript string

	pageTemplate = template.Must(template.New("explorer").Parse(pageSource))
)

// array is the place of a list of numbers among the page's bytes.
type array struct {
	Type string `json:"type"` // uint8, uint16, half, single, or int16, as 0, -1, 1, -2, …, whose low bytes stand before the high bytes
	At   int    `json:"at"`   // offset in bytes, always a multiple of 4
	Size int    `json:"size"` // how many numbers
}

// head is the data without the long lists, which are arrays.
type head struct {
	Side       int             `json:"side"`
	Classes    []string        `json:"classes"` // empty: there are no labels
	Places     []int           `json:"places"`
	Far        float32         `json:"far"`
	Bytes      int             `json:"bytes"` // of the arrays, compressed
	Images     array           `json:"images"`
	Labels     array           `json:"labels"`
	Classifier *headClassifier `json:"classifier"`
	Spaces     []headSpace     `json:"spaces"`
}

type headClassifier struct {
	Convolutions []headLayer `json:"convolutions"`
	Layers       []headLayer `json:"layers"`
	Accuracy     float64     `json:"accuracy"`
}

type headSpace struct {
	Name   string      `json:"name"`
	Dim    int         `json:"dim"`
	Models []headModel `json:"models"`
}

type headModel struct {
	Name     string         `json:"name"`
	About    string         `json:"about"`
	Codes    array          `json:"codes"`
	Encoder  headNetwork    `json:"encoder"`
	Decoder  headNetwork    `json:"decoder"`
	Clusters []headClusters `json:"clusters"`
	Sources  []headSource   `json:"sources"`
	Epochs   []headEpoch    `json:"epochs"` // with the last one
	Maps     []headMap      `json:"maps"`
}

type headNetwork struct {
	Layers []headLayer `json:"layers"`
	Hidden string      `json:"hidden"`
}

type headLayer struct {
	In      int   `json:"in"`
	Out     int   `json:"out"`
	Weights array `json:"weights"` // numbers of steps
	Steps   array `json:"steps"`
	Bias    array `json:"bias"`
}

type headClusters struct {
	Method string `json:"method"`
	Of     array  `json:"of"`
}

type headSource struct {
	Name    string `json:"name"`
	Weights array  `json:"weights"`
	Means   array  `json:"means"`
	Factors array  `json:"factors"`
}

type headEpoch struct {
	Number   int     `json:"number"`
	Loss     float64 `json:"loss"`
	Accuracy float64 `json:"accuracy"`
	Pictures array   `json:"pictures"`
}

type headMap struct {
	Name   string  `json:"name"`
	Kind   string  `json:"kind"`
	Plane  Square  `json:"plane"`
	Points []array `json:"points"` // after each epoch, or after the last; fractions of the plane's sides in units of 1/65535
	Origin array   `json:"origin"`
	Axes   array   `json:"axes"`
	Spread array   `json:"spread"`
}

// packer stores lists of numbers one after the other, little-endian.
type packer struct{ bytes []byte }

func (p *packer) add(kind string, size int, put func()) array {
	a := array{kind, len(p.bytes), size}
	put()
	for len(p.bytes)%4 != 0 {
		p.bytes = append(p.bytes, 0)
	}
	return a
}

func (p *packer) uint8s(values []uint8) array {
	return p.add("uint8", len(values), func() { p.bytes = append(p.bytes, values...) })
}

func (p *packer) uint16s(values []uint16) array {
	return p.add("uint16", len(values), func() {
		for _, v := range values {
			p.bytes = binary.LittleEndian.AppendUint16(p.bytes, v)
		}
	})
}

func (p *packer) int16s(values []int16) array {
	return p.add("int16", len(values), func() {
		for _, shift := range []int{0, 8} {
			for _, v := range values {
				p.bytes = append(p.bytes, byte(uint16(v<<1^v>>15)>>shift))
			}
		}
	})
}

func (p *packer) halves(values []float32) array {
	return p.add("half", len(values), func() {
		for _, v := range values {
			p.bytes = binary.LittleEndian.AppendUint16(p.bytes, float16.Fromfloat32(v).Bits())
		}
	})
}

func (p *packer) singles(values []float32) array {
	return p.add("single", len(values), func() {
		for _, v := range values {
			p.bytes = binary.LittleEndian.AppendUint32(p.bytes, math.Float32bits(v))
		}
	})
}

// text is the stored bytes, compressed with gzip, in Ascii85, with v in place of <, which could end the text. Zero bytes may
// follow the compressed bytes, of which there are size.
func (p *packer) text() (text string, size int, err error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return "", 0, err
	}
	if _, err := z.Write(p.bytes); err != nil {
		return "", 0, err
	}
	if err := z.Close(); err != nil {
		return "", 0, err
	}
	size = b.Len()
	b.Write(make([]byte, (4-size%4)%4))
	coded := make([]byte, ascii85.MaxEncodedLen(b.Len()))
	return strings.ReplaceAll(string(coded[:ascii85.Encode(coded, b.Bytes())]), "<", "v"), size, nil
}

func (p *packer) layers(layers []Layer) []headLayer {
	all := []headLayer{}
	for _, l := range layers {
		all = append(all, headLayer{l.In, l.Out, p.int16s(l.whole()), p.singles(l.Steps), p.singles(l.Bias)})
	}
	return all
}

func (p *packer) model(m Model) headModel {
	h := headModel{Name: m.Name, About: m.About, Codes: p.halves(m.Codes),
		Encoder: headNetwork{p.layers(m.Encoder.Layers), m.Encoder.Hidden}, Decoder: headNetwork{p.layers(m.Decoder.Layers), m.Decoder.Hidden},
		Clusters: []headClusters{}, Sources: []headSource{}}
	for _, c := range m.Clusters {
		h.Clusters = append(h.Clusters, headClusters{c.Method, p.uint8s(c.Of)})
	}
	for _, s := range m.Sources {
		h.Sources = append(h.Sources, headSource{s.Name, p.singles(s.Weights), p.halves(s.Means), p.halves(s.Factors)})
	}
	for _, e := range append(m.Epochs[:len(m.Epochs):len(m.Epochs)], m.LastEpoch) {
		h.Epochs = append(h.Epochs, headEpoch{e.Number, e.Loss, e.Accuracy, p.uint8s(e.Pictures)})
	}
	for _, of := range m.Maps {
		hm := headMap{Name: of.Name, Kind: of.Kind, Plane: of.Plane, Origin: p.singles(of.Origin), Axes: p.singles(of.Axes), Spread: p.singles(of.Spread)}
		for _, points := range append(of.Until[:len(of.Until):len(of.Until)], of.Shown) {
			hm.Points = append(hm.Points, p.uint16s(of.Plane.quantise(points)))
		}
		h.Maps = append(h.Maps, hm)
	}
	return h
}

func pack(d Data) (head, *packer) {
	p := &packer{}
	labels, classes := d.Labels, d.Classes
	if labels == nil {
		labels, classes = make([]uint8, len(d.Places)), []string{}
	}
	h := head{Side: d.Side, Classes: classes, Places: d.Places, Far: d.Far, Images: p.uint8s(d.Images), Labels: p.uint8s(labels)}
	if c := d.Classifier; c != nil {
		h.Classifier = &headClassifier{p.layers(c.Convolutions), p.layers(c.Layers), c.Accuracy}
	}
	for _, s := range d.Spaces {
		hs := headSpace{Name: s.Name, Dim: s.Dim}
		for _, m := range s.Models {
			hs.Models = append(hs.Models, p.model(m))
		}
		h.Spaces = append(h.Spaces, hs)
	}
	return h, p
}

// groups is the largest number of classes or clusters.
func (d Data) groups() int {
	n := len(d.Classes)
	for _, s := range d.Spaces {
		for _, m := range s.Models {
			for _, c := range m.Clusters {
				n = max(n, int(slices.Max(c.Of))+1)
			}
		}
	}
	return n
}

// colours are the colours of the classes and clusters after the tenth, in the style of the study's figures: the first ten darkened,
// then lightened.
func colours(groups int) string {
	text := ":root {\n"
	for i := 10; i < groups; i++ {
		mixed := [3]string{"", " 55%, var(--text)", " 50%, var(--ground)"}[i/10%3]
		if mixed == "" {
			text += fmt.Sprintf("\t--class-%d: var(--class-%d);\n", i, i%10)
			continue
		}
		text += fmt.Sprintf("\t--class-%d: color-mix(in srgb, var(--class-%d)%s);\n", i, i%10, mixed)
	}
	return text + "}\n"
}

// Write writes the page. The same data give the same bytes. A page that is larger than allowed is an error; see
// MaxSize.
func Write(w io.Writer, d Data) error {
	if err := d.Validate(); err != nil {
		return err
	}
	h, packed := pack(d)
	text, size, err := packed.text()
	if err != nil {
		return err
	}
	h.Bytes = size
	var page bytes.Buffer
	err = pageTemplate.Execute(&page, struct {
		Data
		Models []Model
		Head   head
		Bytes  template.HTML // Ascii85 without < needs no escaping in a script
		Style  template.CSS
		Script template.JS
	}{
		d, d.Spaces[0].Models, h, template.HTML(text), template.CSS(style + colours(d.groups())),
		template.JS(numbersScript + networkScript + spaceScript + planeScript + panelScript + explorerScript),
	})
	if err != nil {
		return err
	}
	if page.Len() > maxSize(d.Side) {
		return fmt.Errorf("explorer: the page would have %d bytes, want at most %d; use fewer than %d images or smaller networks",
			page.Len(), maxSize(d.Side), len(d.Places))
	}
	_, err = page.WriteTo(w)
	return err
}
