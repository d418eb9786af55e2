package lab

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"fashionlatent/experiments/metric"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/classifier"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

// someRuns writes runs of two data sets, a classifier and a damaged run.
func someRuns(t *testing.T) *record.Store {
	t.Helper()
	store := record.Open(t.TempDir())
	sets := []*dataset.Dataset{{Name: "clothes", Checksum: strings.Repeat("a", 64), Train: dataset.Split{Side: 28}}, {Name: "letters", Checksum: strings.Repeat("b", 64), Train: dataset.Split{Side: 28}}}
	write := func(run *record.Run, err error, set int, day int, state string, scores ...record.Score) {
		t.Helper()
		if err == nil {
			err = run.Create()
		}
		m := record.NewManifest()
		m.State, m.Epochs, m.Started, m.Data, m.DataChecksum = state, 15, time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC), sets[set].Name, sets[set].Checksum
		if err == nil {
			err = run.WriteManifest(m)
		}
		for i := range scores {
			scores[i].Version, scores[i].Split, scores[i].Data = 1, metric.Test, sets[set].Checksum
		}
		if err == nil && scores != nil {
			err = run.AddScores(scores...)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	score := func(name string, value float64) record.Score {
		return record.Score{Identity: record.Identity{Metric: name}, Value: value}
	}
	with := func(model string, latent int, change func(c *training.Config)) training.Config {
		c := training.Default(autoencoder.Default(model, latent), 0)
		if change != nil {
			change(&c)
		}
		return c
	}
	for i, c := range []struct {
		set   int
		c     training.Config
		state string
		ce    float64
	}{
		{0, with(autoencoder.AE, 2, nil), record.Finished, 245},
		{0, with(autoencoder.VAE, 16, func(c *training.Config) { c.Model.Hidden, c.Augment.Flip, c.Model.Beta = []int{64, 32}, true, 4 }), record.Finished, 217.34},
		{0, with(autoencoder.VAE, 2, func(c *training.Config) { c.Epochs = 2000 }), record.Interrupted, 0},
		{0, with(autoencoder.AE, 16, func(c *training.Config) { c.Model.Normalised, c.Model.Loss = autoencoder.UnitLength, autoencoder.MSE }), record.Finished, 3},
		{1, with(autoencoder.AE, 2, nil), record.Finished, 80},
	} {
		run, err := training.RunOf(store, sets[c.set], c.c)
		var scores []record.Score
		if c.ce > 0 {
			scores = []record.Score{score(metric.CrossEntropy, c.ce), score(metric.MSE, .0241)}
		}
		write(run, err, c.set, i+1, c.state, scores...)
	}
	run, err := classifier.RunOf(store, sets[0], classifier.Convolutional(0))
	write(run, err, 0, 9, record.Finished, score(classifier.Accuracy, .91))
	run, err = store.Run("clusters", map[string]any{"data": sets[0].Checksum, "encoders": []string{"ae-d16-e15-s0-abcdef123456"}, "seed": 3})
	write(run, err, 0, 9, record.Finished, score("communities ACC", .7), score("communities NMI", .7))
	run, err = store.Run("extractors", map[string]any{"data": sets[0].Checksum, "extractors": map[string]string{"convolutional": "classifier-e10-s0-abcdef123456", "connected": "classifier-e15-s0-0123456789ab"}})
	write(run, err, 0, 9, record.Finished)
	run, err = training.RunOf(store, sets[0], with(autoencoder.VAE, 64, nil))
	write(run, err, 0, 9, record.Finished)
	if err := os.WriteFile(filepath.Join(run.Folder(), "manifest.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	return store
}

func TestRunTables(t *testing.T) {
	runs, err := List(someRuns(t))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	var titles []string
	for _, table := range RunTables(runs) {
		titles = append(titles, table.Title)
		text.WriteString(table.Text(80))
	}
	for _, line := range strings.Split(text.String(), "\n") {
		if utf8.RuneCountInString(line) > 80 {
			t.Errorf("a line has more than 80 characters: %s", line)
		}
	}
	want := []string{"clothes (checksum aaaaaaaaaaaa)", "clothes (checksum aaaaaaaaaaaa), classifiers", "clothes (checksum aaaaaaaaaaaa), images normalised by length", "clothes (checksum aaaaaaaaaaaa), scores of what is not trained as one run", "letters (checksum bbbbbbbbbbbb)"}
	if slices.Sort(titles); !slices.Equal(titles, want) {
		t.Errorf("tables %q, want %q", titles, want)
	}
	words := strings.Join(strings.Fields(text.String()), " ")
	for _, want := range []string{"217.3", ".0241", "2026-01-02", ".910", "damaged", "encoders ae-d16-e15-s0-abcd, seed 3 2 2026-01-09", "classifier-e15-s0-0123, convolutional"} {
		if !strings.Contains(words, want) {
			t.Errorf("the tables have no %s:\n%s", want, &text)
		}
	}
	for _, l := range runs {
		about := l.About()
		switch {
		case l.Setting("latent") == "16" && l.Setting("model") == "vae" && about != "hidden 64,32, beta 4, flip",
			l.State == Stopped && about != "stopped after epoch 15 of 2000",
			l.Normalised != "" && about != "loss mse, normalised length":
			t.Errorf("%s: %s", l.Run, about)
		}
	}
}

func TestFilterAndSort(t *testing.T) {
	all, err := List(someRuns(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		filter, by string
		want       string // beginnings of the runs' names
	}{
		{"model=vae", "run", "vae-d16 vae-d2 vae-d64"},
		{"model=vae", "-run", "vae-d64 vae-d2 vae-d16"},
		{"model=vae latent>2 latent<64", "run", "vae-d16"},
		{"latent<=2 data=clothes", "run", "ae-d2 vae-d2"},
		{"state=stopped", "run", "vae-d2"},
		{"state!=finished state!=damaged", "run", "vae-d2"},
		{"flip=true", "run", "vae-d16"},
		{"hidden=64,32", "run", "vae-d16"},
		{"date>=2026-01-04 date<2026-01-09", "date", "ae-d16 ae-d2"},
		{"ce>100", "-CE", "ae-d2 vae-d16"},
		{"classifier", "run", "classifier-convolutional"},
		{"kernels=16,32 size>0", "run", "classifier-convolutional"},
		{"CE>1e9", "run", ""},
		{"data=\"clothes\" latent<=2", "run", "ae-d2 vae-d2"},
		{"data=\"my clothes\"", "run", ""},
		{"model!=classifier", "ce", "ae-d16 ae-d2 vae-d16 ae-d2 clusters-4ca69195a010 extractors-f45ac3a5a227 vae-d2 vae-d64"},
	} {
		got, err := Filter(all, c.filter)
		if err == nil {
			err = Sort(got, c.by)
		}
		var names []string
		for _, l := range got {
			name, _, _ := strings.Cut(l.Run, "-e")
			names = append(names, name)
		}
		if have := strings.Join(names, " "); err != nil || have != c.want {
			t.Errorf("%q by %s: %q, %v; want %q", c.filter, c.by, have, err, c.want)
		}
	}
	for filter, want := range map[string]string{
		"state=done":             "no run has state=done; the values of the runs are damaged; finished; stopped",
		"model=vea latent=2":     "no run has model=vea; the values of the runs are ae; classifier; none; vae",
		"model=vae latent=3":     "no run has latent=3; the values of the runs are 2; 16; 64",
		"model=vae latent=2 a-b": "",
		"latent>99":              "",
		"modell=vae":             "",
	} {
		if got := Unmatched(all, filter); got != want {
			t.Errorf("%q: %q, want %q", filter, got, want)
		}
	}
	for _, filter := range []string{"modell=vae", "latent!3", "=3", "latent==2", "latent=>2", "latent = 2"} {
		if _, err := Filter(all, filter); err == nil {
			t.Errorf("the filter %q is accepted", filter)
		}
	}
	if words := splitWords(`a  data="my  images" x=""`); !slices.Equal(words, []string{"a", "data=my  images", "x="}) {
		t.Errorf("words %q", words)
	}
	if err := Sort(all, "sizes"); err == nil || !strings.Contains(err.Error(), "did you mean size?") {
		t.Errorf("sorted by sizes: %v", err)
	}
}

// A short name begins no other run's name and has four digits of the id or more.
func TestShortNames(t *testing.T) {
	runs := []Listed{{Run: "ae-d2-e1-s0-012345000000"}, {Run: "ae-d2-e1-s0-012345abcdef"}, {Run: "vae-d2-e1-s0-9876543210ab"}}
	shorten(runs)
	for i, want := range []string{"ae-d2-e1-s0-0123450", "ae-d2-e1-s0-012345a", "vae-d2-e1-s0-9876"} {
		if runs[i].Short != want {
			t.Errorf("%s is shortened to %s, want %s", runs[i].Run, runs[i].Short, want)
		}
	}
}

func TestSize(t *testing.T) {
	for bytes, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 12_345: "12 kB", 999_600: "1.0 MB", 47_000_000: "47 MB", 1_500_000_000: "1.5 GB"} {
		if got := Size(bytes); got != want {
			t.Errorf("%d: %s, want %s", bytes, got, want)
		}
	}
}

// The main scores are those of the whole training, with clusters fitted to the training images.
func TestMainScores(t *testing.T) {
	l := Listed{Checksum: "0a"}
	for i, parameters := range []string{"components=1", "k=10 fitted=all seed=run", "k=10 fitted=test seed=run epoch=0", "k=10 fitted=train seed=run", "k=10 fitted=train seed=run epoch=3"} {
		l.Scores = append(l.Scores, record.Score{Identity: record.Identity{Metric: "x", Split: "test", Data: "0a", Parameters: parameters}, Value: float64(i)})
	}
	if s, there := l.Score("x"); !there || s.Value != 3 {
		t.Errorf("it takes %v, %v", s, there)
	}
}
