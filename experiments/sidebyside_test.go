package experiments

import (
	"strings"
	"testing"

	"fashionlatent/experiments/lab"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

func TestSideBySide(t *testing.T) {
	score := func(metric, parameters string, value float64) record.Score {
		return record.Score{Identity: record.Identity{Metric: metric, Parameters: parameters, Split: "test"}, Value: value}
	}
	a := RunReport{Listed: lab.Listed{Short: "one", Checksum: "aaaa", Settings: training.Settings{{Name: "normalised"}, {Name: "seed", Value: "0"}},
		Scores: []record.Score{score("coverage", "k=5 seed=run", .25), score("coverage", "seed=run k=5", .25), score("ACC", "epoch=5", 0), score("ACC", "epoch=10", 0)}}}
	b := RunReport{Listed: lab.Listed{Short: "two", Checksum: "aaaa", Settings: training.Settings{{Name: "normalised", Value: "unit length"}, {Name: "seed", Value: "0"}},
		Scores: []record.Score{score("coverage", "seed=run k=5", .75), score("ACC", "epoch=5", 1), score("ACC", "epoch=10", 1)}}}
	rows := func(a, b RunReport, table string) (text []string) {
		for _, t := range SideBySide(a, b) {
			if strings.HasPrefix(t.Title, table) {
				for _, row := range t.Rows {
					text = append(text, strings.Join(row, "|"))
				}
			}
		}
		return text
	}
	if got := rows(a, b, "Settings"); len(got) != 1 || got[0] != "normalised||unit length" {
		t.Errorf("settings that differ: %q", got)
	}
	for _, pair := range [][2]RunReport{{a, b}, {b, a}} {
		if got := rows(pair[0], pair[1], "Scores"); len(got) != 3 || !strings.HasPrefix(got[0], "coverage|test|0.") {
			t.Errorf("scores: %q, want coverage and two of ACC", got)
		}
	}
	for why, other := range map[string]RunReport{"different data sets": {Listed: lab.Listed{Checksum: "bbbb"}}, "no score in common": {Listed: lab.Listed{Checksum: "aaaa"}}} {
		if first := SideBySide(a, other)[0]; !strings.Contains(first.Note, why) {
			t.Errorf("the note %q does not say %q", first.Note, why)
		}
	}
}
