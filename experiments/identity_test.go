package experiments_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"fashionlatent/experiments"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
)

// sampledLab returns a lab whose experiments have one code size and that number of samples.
func sampledLab(t *testing.T, results string, samples int) *experiments.Lab {
	l := openLab(t, results, &bytes.Buffer{})
	l.Scale.LatentSizes, l.Scale.Samples = []int{1}, samples
	return l
}

// scoresOf runs an experiment with that number of samples, and returns the scores in its report.
func scoresOf(t *testing.T, results, name string, samples int) score.Rows {
	t.Helper()
	rows, err := left(sampledLab(t, results, samples), name)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// left runs an experiment and returns the scores in its report.
func left(l *experiments.Lab, name string) (score.Rows, error) {
	e, err := experiments.Named(name)
	if err != nil {
		return nil, err
	}
	if _, err := e.Run(context.Background(), l); err != nil {
		return nil, err
	}
	return report.ReadScores(l.Folder(name))
}

// An experiment that is run with few samples and then with more, in one store, gives the same numbers as the second run
// alone. Two experiments that run at the same time give the same as one after another.
func TestScoresOfOneStore(t *testing.T) {
	t.Parallel()
	const few, many = 10, 20
	alone := scoresOf(t, t.TempDir(), experiments.Generation, many)
	shared := t.TempDir()
	before := scoresOf(t, shared, experiments.Generation, few)
	after := scoresOf(t, shared, experiments.Generation, many)
	if !slices.Equal(after, alone) {
		t.Error("after an experiment with fewer samples, the scores are not those of a store of their own")
	}
	if slices.Equal(before, after) || len(before) != len(after) {
		t.Errorf("%d scores of few samples, %d of many, and the same", len(before), len(after))
	}
	atOnce := t.TempDir()
	var group sync.WaitGroup
	for i, name := range []string{experiments.Generation, experiments.LatentSize} {
		l := sampledLab(t, atOnce, many)
		group.Go(func() {
			rows, err := left(l, name)
			if err != nil || i == 0 && !slices.Equal(rows, alone) {
				t.Errorf("at once with another experiment, %s leaves other scores (%v)", name, err)
			}
		})
	}
	group.Wait()
}

// Runs that are trained again have the same scores as before. A score that was changed is reported.
func TestRerun(t *testing.T) {
	t.Parallel()
	results := t.TempDir()
	scoresOf(t, results, experiments.LatentSize, 20)
	left := openLab(t, results, &bytes.Buffer{})
	rerun := func(runs int) (problems []string) {
		t.Helper()
		all, err := experiments.Rerun(context.Background(), sampledLab(t, t.TempDir(), 20), left.Tables, 100, 1)
		if err != nil || len(all) != runs {
			t.Fatalf("%d runs, %v, want the %d that have scores", len(all), err, runs)
		}
		for _, v := range all {
			problems = append(problems, v.Problems...)
		}
		return problems
	}
	if problems := rerun(2); len(problems) > 0 {
		t.Errorf("trained again: %q", problems)
	}
	path := filepath.Join(left.Folder(experiments.LatentSize), report.ScoresName)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(content), ",per pixel,0.", ",per pixel,7.", 1)
	if err := os.WriteFile(path, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	if problems := rerun(2); len(problems) != 1 || !strings.Contains(problems[0], `metric "mse"`) || !strings.Contains(problems[0], `variant "AE, d = 1"`) {
		t.Errorf("a score was changed: %q", problems)
	}
	of := filepath.Join(left.Folder(experiments.LatentSize), report.JSONName)
	kept, err := os.ReadFile(of)
	if err != nil {
		t.Fatal(err)
	}
	for _, elsewhere := range []struct{ what, as string }{
		{fmt.Sprintf(`"cores": %d,`, runtime.NumCPU()), `"cores": 99,`},
		{`"place": "go on `, `"place": "go on another `},
	} {
		other := strings.ReplaceAll(string(kept), elsewhere.what, elsewhere.as)
		if other == string(kept) {
			t.Fatalf("%s has no %s", of, elsewhere.what)
		}
		if err := os.WriteFile(of, []byte(other), 0o644); err != nil {
			t.Fatal(err)
		}
		if problems := rerun(2); len(problems) > 0 { // with one seed
			t.Errorf("%s: the bits cannot be compared, but: %q", elsewhere.as, problems)
		}
	}
	if err := os.WriteFile(of, kept, 0o644); err != nil {
		t.Fatal(err)
	}
	lines := slices.DeleteFunc(strings.SplitAfter(string(content), "\n"), func(line string) bool { return strings.Contains(line, `"AE, d = 1"`) })
	if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o644); err != nil {
		t.Fatal(err)
	}
	if problems := rerun(1); len(problems) > 0 {
		t.Errorf("one run has no scores yet: %q", problems)
	}
	first := slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, `"VAE, d = 1"`) })
	if err := os.WriteFile(path, []byte(strings.Join(slices.Delete(lines, first, first+1), "")), 0o644); err != nil {
		t.Fatal(err)
	}
	if problems := rerun(1); len(problems) > 0 {
		t.Errorf("one run lacks a score: %q", problems)
	}
}
