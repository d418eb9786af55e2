package figure

import (
	"fmt"
	"image"
	"image/draw"
	"strings"
)

// BesideOptions says how figures are put together.
type BesideOptions struct {
	Titles  []string // one for each figure, above it: the first line bold, the text after "\n" plain; nil: none
	Columns int      // figures per row; 0: all; 1: one below the other
}

// Beside puts figures next to each other or one below the other, in their own size. If they have titles, each title
// starts with a letter. Alt and Caption are joined from those of the figures.
func Beside(figures []*Figure, o BesideOptions) (*Figure, error) {
	if len(figures) == 0 {
		return nil, fmt.Errorf("figure: no figures to put together")
	}
	if o.Titles != nil && len(o.Titles) != len(figures) {
		return nil, fmt.Errorf("figure: %d titles for %d figures", len(o.Titles), len(figures))
	}
	if o.Columns < 0 {
		return nil, fmt.Errorf("figure: %d columns of %d figures, want 0 or more", o.Columns, len(figures))
	}
	columns := o.Columns
	if columns == 0 {
		columns = len(figures)
	}
	columns = min(columns, len(figures))
	rows := (len(figures) + columns - 1) / columns
	wide, tall, heading := make([]float64, columns), make([]float64, rows), make([]float64, rows)
	names, titles := make([]string, len(figures)), make([]title, len(figures))
	for i, f := range figures {
		if f == nil || f.Image == nil {
			return nil, fmt.Errorf("figure: figure %d of %d has no image", i+1, len(figures))
		}
		size := f.Image.Bounds().Size()
		wide[i%columns] = max(wide[i%columns], float64(size.X)/density)
		tall[i/columns] = max(tall[i/columns], float64(size.Y)/density)
	}
	for i := range figures {
		if o.Titles != nil { // without titles the figures may be parts of one figure, with letters of their own
			names[i] = lettered(o.Titles[i], i, len(figures))
		}
		titles[i] = newTitle(names[i], wide[i%columns]-2*margin)
		heading[i/columns] = max(heading[i/columns], titles[i].height())
	}
	w, h := 0.0, 0.0
	for _, v := range wide {
		w += v
	}
	for r := range rows {
		h += tall[r] + heading[r]
	}
	top := 0.0
	if heading[0] > 0 {
		top = margin
	}
	p, err := newPage(w, h+top)
	if err != nil {
		return nil, err
	}
	var alts, captions []string
	y := top
	for r := range rows {
		y += heading[r]
		x := 0.0
		for c := 0; c < columns && r*columns+c < len(figures); c++ {
			i := r*columns + c
			f := figures[i]
			at := image.Pt(int(x*density), int(y*density+0.5))
			draw.Draw(p.img.Image(), image.Rectangle{at, at.Add(f.Image.Bounds().Size())}, f.Image, f.Image.Bounds().Min, draw.Over)
			titles[i].draw(p, x+margin, y+titleGap/2)
			name := strings.ReplaceAll(names[i], "\n", ", ")
			if name != "" {
				name += ": "
			}
			alts = append(alts, name+f.Alt)
			if f.Caption != "" {
				captions = append(captions, name+f.Caption)
			}
			x += wide[c]
		}
		y += tall[r]
	}
	return p.figure(strings.Join(alts, " "), joinCaptions(figures, captions)), nil
}

// joinCaptions joins captions. If all figures have the same caption, it is stated only once.
func joinCaptions(figures []*Figure, named []string) string {
	for _, f := range figures[1:] {
		if f.Caption != figures[0].Caption {
			return strings.Join(named, " ")
		}
	}
	return figures[0].Caption
}

// lettered is the title of part i of n. If there are several parts, it starts with (a), (b), (c) and so on.
func lettered(title string, i, n int) string {
	if n < 2 || n > 26 {
		return title
	}
	return strings.TrimSpace("(" + string(rune('a'+i)) + ") " + title)
}

// titled begins the alternative text of part i of n: with its title in one line, if it has one.
func titled(title string, i, n int) string {
	if title = lettered(title, i, n); title != "" {
		title = strings.ReplaceAll(title, "\n", ", ") + ": "
	}
	return title
}
