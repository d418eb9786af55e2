package record

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

func TestManifest(t *testing.T) {
	store, run := created(t)
	if _, err := run.Manifest(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no manifest: %v", err)
	}
	m := NewManifest()
	if m.Format != Format || m.State != Training || m.Started.IsZero() || m.Go != runtime.Version() || m.Cores < 1 ||
		len(m.Command) == 0 || m.OS != runtime.GOOS || m.Arch != runtime.GOARCH || m.Dependencies == nil {
		t.Errorf("a new manifest is %+v", m)
	}
	if err := run.WriteManifest(m); err != nil {
		t.Fatal(err)
	}
	m.State = Finished
	m.Finished = m.Started.Add(1500 * time.Millisecond)
	m.Command = []string{"größe", "<&>", "\u2028"}
	m.Backend, m.Plugin = "xla:cpu", "pjrt_c_api_cpu_plugin.so"
	m.Data, m.DataChecksum = "Fashion-MNIST", "c59f"
	m.Epochs, m.Snapshots = 30, []int{0, 1, 30}
	m.WallSeconds, m.PeakMemoryBytes = 1.5, PeakMemory()
	m.WeightsSHA256 = strings.Repeat("0a", 32)
	if err := run.WriteManifest(m); err != nil {
		t.Fatal(err)
	}
	for _, run := range []*Run{run, listed(t, store)} {
		if got, err := run.Manifest(); err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("manifest\n%+v, %v\nwant\n%+v", got, err, m)
		}
	}
}

func TestWriteManifestRefuses(t *testing.T) {
	_, run := created(t)
	tests := []struct {
		change func(*Manifest)
		err    string
	}{
		{func(m *Manifest) { m.State = "done" }, `"done"`},
		{func(m *Manifest) { m.State = "" }, `state ""`},
		{func(m *Manifest) { m.Epochs = -1 }, "-1"},
		{func(m *Manifest) { m.Snapshots = []int{2, 1} }, "[2 1]"},
		{func(m *Manifest) { m.Snapshots = []int{1, 1} }, "[1 1]"},
		{func(m *Manifest) { m.WeightsSHA256 = "c59f" }, `"c59f"`},
		{func(m *Manifest) { m.WeightsSHA256 = strings.Repeat("x", 64) }, "hexadecimal"},
		{func(m *Manifest) { m.WallSeconds = math.NaN() }, "NaN"},
	}
	for _, test := range tests {
		m := NewManifest()
		test.change(&m)
		wantError(t, run.WriteManifest(m), run.path(manifestName), test.err)
	}
	if _, err := run.Manifest(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was written: %v", err)
	}
}

func TestManifestIsChecked(t *testing.T) {
	_, run := created(t)
	tests := []struct{ content, err string }{
		{`{"format": 3, "state": "training", "new": 1}`, "has format 3 and this program reads format 2: use"},
		{`{"format": 1, "state": "training"}`, "has format 1"},
		{`{"state": "training"}`, `no "format"`},
		{`{"format": 2, "state": "training", "new": 1}`, `unknown field "new"`},
		{`{"format": 2, "state": "x"}`, `state "x"`},
		{`{"format": 2, "state": "training", "started": "today"}`, "today"},
		{`{"format": 2, "state": "training", "epochs": 1.5}`, "1.5"},
		{`{"format": 2, "state": "training"}`, "checksum"},
		{`{"format": 2, "state": "train`, "ends before"},
		{``, "ends before"},
	}
	for _, test := range tests {
		overwrite(t, run, manifestName, test.content)
		_, err := run.Manifest()
		wantError(t, err, run.path(manifestName), test.err, "run's folder")
	}
}

func TestVersions(t *testing.T) {
	deps := []*debug.Module{
		{Path: "github.com/gomlx/gomlx", Version: "v0.28.2"},
		{Path: "github.com/gomlx/go-xla", Version: "v0.4.1", Replace: &debug.Module{Path: "../go-xla"}},
		{Path: "gonum.org/v1/gonum", Version: "v0.17.0", Replace: &debug.Module{Path: "example.org/gonum", Version: "v1.0.0"}},
		{Path: "gonum.org/v1/plot", Version: "v0.17.0"},
	}
	want := map[string]string{
		"github.com/gomlx/gomlx":  "v0.28.2",
		"github.com/gomlx/go-xla": "../go-xla",
		"gonum.org/v1/gonum":      "example.org/gonum v1.0.0",
	}
	self := debug.Module{Path: "fashionlatent", Version: "v1.2.0+dirty"}
	for name, info := range map[string]*debug.BuildInfo{
		"command":  {Main: self, Deps: deps},
		"notebook": {Main: debug.Module{Path: "gonb_1234", Version: "(devel)"}, Deps: append([]*debug.Module{&self}, deps...)},
	} {
		module, got := versions(info)
		if module != "v1.2.0+dirty" || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q, %v", name, module, got)
		}
	}
}

func TestParseCPUModel(t *testing.T) {
	tests := []struct{ content, want string }{
		{"processor\t: 0\nmodel\t\t: 85\nmodel name\t: Some CPU @ 2.00GHz\n\nmodel name\t: Another\n", "Some CPU @ 2.00GHz"},
		{"processor\t: 0\nCPU part\t: 0xd40\n", ""},
		{"", ""},
	}
	for _, test := range tests {
		if got := parseCPUModel(strings.NewReader(test.content)); got != test.want {
			t.Errorf("%q gives %q, want %q", test.content, got, test.want)
		}
	}
}

// A digit or letter that was changed in any file is detected.
func TestChecksums(t *testing.T) {
	made := func() *Run {
		_, run := created(t)
		m := NewManifest()
		m.State, m.WallSeconds = Finished, 12.5
		err := errors.Join(run.WriteHistory([]Epoch{{Epoch: 1, Step: 469}, {Epoch: 2, Step: 938}}),
			run.AddScores(scored("acc", 0.5, "test")), run.WriteManifest(m))
		if err != nil {
			t.Fatal(err)
		}
		return run
	}
	for _, test := range []struct {
		name, from, to string
		read           func(*Run) error
	}{
		{configName, `"vae"`, `"vat"`, func(r *Run) error { _, err := readSpec(r.folder); return err }},
		{manifestName, "12.5", "12.7", func(r *Run) error { _, err := r.Manifest(); return err }},
		{manifestName, runtime.GOOS, "Linus", func(r *Run) error { _, err := r.Manifest(); return err }},
		{scoresName, "0.5", "0.7", func(r *Run) error { _, err := r.Scores(); return err }},
		{scoresName, `"acc"`, `"abc"`, func(r *Run) error { _, err := r.Scores(); return err }},
		{historyName, "938", "939", func(r *Run) error { _, err := r.History(); return err }},
		{historyName, "2,938,0,0,0,0,0,0,0\n", "", func(r *Run) error { _, err := r.History(); return err }},
	} {
		run := made()
		if err := test.read(run); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		content, err := os.ReadFile(run.path(test.name))
		if err != nil || !strings.Contains(string(content), test.from) {
			t.Fatalf("%s has no %q: %s, %v", test.name, test.from, content, err)
		}
		overwrite(t, run, test.name, strings.Replace(string(content), test.from, test.to, 1))
		wantError(t, test.read(run), run.path(test.name), "restore")
	}
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"format": 2, "state": "training", "started": "2026-01-02T03:04:05Z", "snapshots": [1, 2], "dependencies": {"a": "b"}}`))
	f.Add([]byte("{\"format\": 2, \"state\": \"failed\", \"command\": [\"\xff\", \"\\ufffd <\"]}"))
	f.Add([]byte(`{"format": 2, "state": "failed", "error": "x", "finished": "2026-01-02T03:04:05.678+01:00", "command": []}`))
	run := &Run{f.TempDir(), newRun(f, Open(""), "fuzz", 1).spec}
	f.Fuzz(func(t *testing.T, content []byte) {
		var m Manifest
		if Decode(content, &m) != nil || m.check() != nil {
			return
		}
		if err := run.WriteManifest(m); err != nil {
			t.Fatalf("%+v was read but is not written: %v", m, err)
		}
		again, err := run.Manifest()
		if err != nil || again.State != m.State || !again.Started.Equal(m.Started) || again.WallSeconds != m.WallSeconds {
			t.Errorf("%+v is read again as %+v, %v", m, again, err)
		}
	})
}
