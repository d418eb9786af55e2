// Package score holds scores of runs as rows, summarises them over seeds, and compares the summaries with statistical
// tests.
package score

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"fashionlatent/lib/record"
)

// Row is one score of one run, with everything that identifies it.
type Row struct {
	Dataset string // name of the data set
	Run     string // name of the run's folder
	Variant string // name of what the experiment varies, unique within it
	Model   string // "ae" or "vae"; "" if no model was trained
	Latent  int    // dimensions of the code
	Seed    uint64
	record.Score
}

// Rows are the scores of an experiment.
type Rows []Row

// header holds the names of the columns of the CSV form.
var header = []string{"dataset", "data", "run", "variant", "model", "latent", "seed", "metric", "version", "parameters", "n", "split", "unit", "value", "undefined"}

// Write writes the rows as comma-separated values with a header. Values have the digits that give the same float64 when
// they are read. The value of an undefined score is empty.
func (rows Rows) Write(w io.Writer) error {
	c := csv.NewWriter(w)
	lines := [][]string{header}
	for _, r := range rows {
		value := strconv.FormatFloat(r.Value, 'g', -1, 64)
		if r.Undefined != "" {
			value = ""
		}
		lines = append(lines, []string{r.Dataset, r.Data, r.Run, r.Variant, r.Model, strconv.Itoa(r.Latent), strconv.FormatUint(r.Seed, 10),
			r.Metric, strconv.Itoa(r.Version), r.Parameters, strconv.Itoa(r.N), r.Split, r.Unit, value, r.Undefined})
	}
	return c.WriteAll(lines)
}

// Read reads what Write wrote. Two rows with the same variant, seed, metric and split are an error.
func Read(from io.Reader) (Rows, error) {
	c := csv.NewReader(from)
	c.FieldsPerRecord = len(header)
	lines, err := c.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("scores: %w", err)
	}
	if len(lines) == 0 || !slices.Equal(lines[0], header) {
		return nil, fmt.Errorf("scores: the first line is not the header, want %s", strings.Join(header, ","))
	}
	var rows Rows
	for i, line := range lines[1:] {
		r, err := parse(line)
		if err != nil {
			return nil, fmt.Errorf("scores: line %d: %w", i+2, err)
		}
		rows = append(rows, r)
	}
	return rows, rows.check()
}

func parse(line []string) (r Row, err error) {
	var problems []error
	number := func(i int) int {
		n, err := strconv.Atoi(line[i])
		if err != nil || n < 0 {
			problems = append(problems, fmt.Errorf("%s is %q, want a whole number of 0 or more", header[i], line[i]))
		}
		return n
	}
	seed, err := strconv.ParseUint(line[6], 10, 64)
	if err != nil {
		problems = append(problems, fmt.Errorf("seed is %q, want a whole number of 0 or more", line[6]))
	}
	r = Row{Dataset: line[0], Run: line[2], Variant: line[3], Model: line[4], Latent: number(5), Seed: seed, Score: record.Score{
		Identity: record.Identity{Metric: line[7], Version: number(8), Parameters: line[9], N: number(10), Split: line[11], Data: line[1]},
		Unit:     line[12], Undefined: line[14]}}
	switch {
	case line[13] == "" && r.Undefined == "":
		problems = append(problems, errors.New("it has neither a value nor a reason why it has none"))
	case line[13] != "" && r.Undefined != "":
		problems = append(problems, fmt.Errorf("it has the value %s and a reason why it has none: %s", line[13], r.Undefined))
	case line[13] != "":
		r.Value, err = strconv.ParseFloat(line[13], 64)
		if err != nil || math.IsNaN(r.Value) || math.IsInf(r.Value, 0) {
			problems = append(problems, fmt.Errorf("value is %q, want a finite number", line[13]))
		}
	}
	return r, errors.Join(problems...)
}

func (rows Rows) check() error {
	type key struct {
		variant       string
		seed          uint64
		metric, split string
	}
	seen := map[key]int{}
	for i, r := range rows {
		k := key{r.Variant, r.Seed, r.Metric, r.Split}
		if first, twice := seen[k]; twice {
			return fmt.Errorf("scores: lines %d and %d are both of %v", first+2, i+2, r)
		}
		seen[k] = i
	}
	return nil
}

// String describes the row without its value.
func (r Row) String() string {
	return fmt.Sprintf("variant %q, seed %d, metric %v, run %s", r.Variant, r.Seed, r.Identity, r.Run)
}

// Of returns the rows of a metric of a variant on a split, in the order of their seeds.
func (rows Rows) Of(variant, metric, split string) Rows {
	var found Rows
	for _, r := range rows {
		if r.Variant == variant && r.Metric == metric && r.Split == split {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b Row) int { return cmp.Compare(a.Seed, b.Seed) })
	return found
}
