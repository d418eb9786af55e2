package explorer

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"html/template"
	"io"
)

var (
	//go:embed page/index.html
	pageSource string
	//go:embed page/style.css
	style string
	//go:embed page/decoder.js
	decoderScript string
	//go:embed page/plane.js
	planeScript string
	//go:embed page/explorer.js
	explorerScript string

	pageTemplate = template.Must(template.New("explorer").Parse(pageSource))
)

// array is the place of a list of numbers among the page's bytes.
type array struct {
	Type string `json:"type"` // uint8, uint16 or half
	At   int    `json:"at"`   // offset in bytes, always even
	Size int    `json:"size"` // how many numbers
}

// head is the data without the long lists, which are arrays.
type head struct {
	Side    int         `json:"side"`
	Classes []string    `json:"classes"` // empty: there are no labels
	Epochs  []int       `json:"epochs"`
	Places  []int       `json:"places"`
	Hole    int         `json:"hole"`
	Images  array       `json:"images"`
	Labels  array       `json:"labels"`
	Models  []headModel `json:"models"`
}

type headModel struct {
	Name   string      `json:"name"`
	Plane  Square      `json:"plane"`
	Codes  []array     `json:"codes"` // [n, 2] for each epoch, as fractions of the plane's sides in units of 1/65535
	Layers []headLayer `json:"layers"`
	Hidden string      `json:"hidden"` // activation
	Shades []headShade `json:"shades"`
}

type headLayer struct {
	In      int   `json:"in"`
	Out     int   `json:"out"`
	Weights array `json:"weights"`
	Bias    array `json:"bias"`
}

type headShade struct {
	Name   string `json:"name"`
	About  string `json:"about"`
	Side   int    `json:"side"`
	Values array  `json:"values"`
}

// packer stores lists of numbers one after the other, little-endian.
type packer struct{ bytes []byte }

func (p *packer) uint8s(values []uint8) array {
	a := array{"uint8", len(p.bytes), len(values)}
	p.bytes = append(p.bytes, values...)
	if len(values)%2 == 1 {
		p.bytes = append(p.bytes, 0)
	}
	return a
}

func (p *packer) uint16s(values []uint16) array {
	a := array{"uint16", len(p.bytes), len(values)}
	for _, v := range values {
		p.bytes = binary.LittleEndian.AppendUint16(p.bytes, v)
	}
	return a
}

func (p *packer) halves(values []float32) array {
	a := array{"half", len(p.bytes), len(values)}
	for _, v := range values {
		p.bytes = binary.LittleEndian.AppendUint16(p.bytes, half(v))
	}
	return a
}

// text is the stored bytes, compressed with gzip, in base64.
func (p *packer) text() (string, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return "", err
	}
	if _, err := z.Write(p.bytes); err != nil {
		return "", err
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(b.Bytes()), nil
}

func pack(d Data) (head, *packer) {
	p := &packer{}
	labels, classes := d.Labels, d.Classes
	if labels == nil {
		labels, classes = make([]uint8, len(d.Places)), []string{}
	}
	h := head{Side: d.Side, Classes: classes, Epochs: d.Epochs, Places: d.Places, Hole: Hole, Images: p.uint8s(d.Images), Labels: p.uint8s(labels)}
	for _, m := range d.Models {
		hm := headModel{Name: m.Name, Plane: m.Plane, Hidden: m.Hidden}
		for _, codes := range m.Codes {
			hm.Codes = append(hm.Codes, p.uint16s(m.Plane.quantise(codes)))
		}
		for _, l := range m.Decoder {
			hm.Layers = append(hm.Layers, headLayer{l.In, l.Out, p.halves(l.Weights), p.halves(l.Bias)})
		}
		for _, s := range m.Shades {
			hm.Shades = append(hm.Shades, headShade{s.Name, s.About, s.side(), p.uint8s(s.Values)})
		}
		h.Models = append(h.Models, hm)
	}
	return h, p
}

// colours are the colours of the classes after the tenth, in the style of the study's figures: the first ten darkened,
// then lightened.
func colours(classes int) string {
	text := ":root {\n"
	for i := 10; i < classes; i++ {
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
	text, err := packed.text()
	if err != nil {
		return err
	}
	var page bytes.Buffer
	err = pageTemplate.Execute(&page, struct {
		Data
		LastEpoch int
		Head      head
		Bytes     template.HTML // base64 needs no escaping
		Style     template.CSS
		Script    template.JS
	}{
		d, d.Epochs[len(d.Epochs)-1], h, template.HTML(text),
		template.CSS(style + colours(len(d.Classes))), template.JS(decoderScript + planeScript + explorerScript),
	})
	if err != nil {
		return err
	}
	if page.Len() > maxSize(d.Side) {
		return fmt.Errorf("explorer: the page would have %d bytes, want at most %d; use fewer than %d images or a smaller decoder",
			page.Len(), maxSize(d.Side), len(d.Places))
	}
	_, err = page.WriteTo(w)
	return err
}
