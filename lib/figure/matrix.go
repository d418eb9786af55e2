package figure

import (
	"fmt"
	"math"
	"strings"
)

// MatrixOptions describes the rows and columns of a matrix.
type MatrixOptions struct {
	Rows, Columns []string // names
	Y, X          string   // what the rows and columns are, such as "class"
}

// Matrix shows how the counts of each row, [rows][columns], are distributed over the columns. The darker a cell, the
// larger its share of the row. Each cell contains its count.
func Matrix(counts [][]int, o MatrixOptions) (*Figure, error) {
	if len(counts) == 0 || len(counts[0]) == 0 {
		return nil, fmt.Errorf("figure: no counts to draw")
	}
	if len(o.Rows) != len(counts) || len(o.Columns) != len(counts[0]) {
		return nil, fmt.Errorf("figure: %d names of rows and %d of columns for a matrix of %d x %d", len(o.Rows), len(o.Columns), len(counts), len(counts[0]))
	}
	const room = 150
	across, down := 46.0, 30.0 // of a cell
	left, top, upwards := 0.0, sizeSmall+6.0, false
	for _, name := range o.Columns {
		upwards = upwards || width(smallInk, name) > across-4
	}
	var names, heads []string
	for _, name := range o.Rows {
		names = append(names, wrap(textInk, room, name))
		left = max(left, width(textInk, names[len(names)-1])+8)
		down = max(down, height(textInk, names[len(names)-1])+6)
	}
	for _, name := range o.Columns {
		heads = append(heads, name)
		if upwards {
			heads[len(heads)-1] = wrap(smallInk, room, name)
			top = max(top, width(smallInk, heads[len(heads)-1])+8)
			across = max(across, height(smallInk, heads[len(heads)-1])+6)
		}
	}
	if o.Y != "" {
		left += sizeText + 8
	}
	if o.X != "" {
		top += sizeText + 8
	}
	x0, y0 := margin+left, margin+top
	w, h := across*float64(len(o.Columns)), down*float64(len(o.Rows))
	p, err := newPage(x0+w+margin, y0+h+margin)
	if err != nil {
		return nil, err
	}
	var alt strings.Builder
	fmt.Fprintf(&alt, "Matrix of %s by %s; the largest part of each row:", count(len(o.Rows), "row"), count(len(o.Columns), "column"))
	for i, row := range counts {
		if len(row) != len(o.Columns) {
			return nil, fmt.Errorf("figure: row %d of a matrix has %d counts, want %d", i+1, len(row), len(o.Columns))
		}
		total, most := 0, 0
		for j, n := range row {
			if n < 0 {
				return nil, fmt.Errorf("figure: row %d of a matrix has the count %d, want 0 or more", i+1, n)
			}
			total += n
			if n > row[most] {
				most = j
			}
		}
		y := y0 + down*float64(i)
		for j, n := range row {
			share := float64(n) / math.Max(float64(total), 1)
			x := x0 + across*float64(j)
			p.polygon(shade(share), x+0.5, y+0.5, x+across-0.5, y+0.5, x+across-0.5, y+down-0.5, x+0.5, y+down-0.5)
			k := smallInk.aligned(0.5)
			if k.colour = inkText; contrast(shade(share)) > contrast(inkText)/contrast(shade(share)) { // white stands out more than the ink
				k.colour = inkPaper
			}
			p.writeMid(k, x+across/2, y+down/2, number(float64(n), 0))
		}
		p.writeMid(textInk.aligned(1), x0-8, y+down/2, names[i])
		fmt.Fprintf(&alt, " %s: %.0f %% %s;", o.Rows[i], 100*float64(row[most])/math.Max(float64(total), 1), o.Columns[most])
	}
	for j, head := range heads {
		x := x0 + across*(float64(j)+0.5)
		if upwards {
			p.writeUp(smallInk, x-height(smallInk, head)/2, y0-6-width(smallInk, head)/2, head)
		} else {
			p.write(smallInk.aligned(0.5), x, y0-6, head)
		}
	}
	if o.Y != "" {
		p.writeUp(textInk, margin, y0+h/2, o.Y)
	}
	if o.X != "" {
		p.write(textInk.aligned(0.5), x0+w/2, margin+sizeText*0.8, o.X)
	}
	return p.figure(strings.TrimSuffix(alt.String(), ";")+".", "The darker a cell, the larger its share of the row."), nil
}
