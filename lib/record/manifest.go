package record

import (
	"bufio"
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// States of a run. A run whose process was killed stays at Training, but nobody holds its lock.
const (
	Training    = "training"
	Finished    = "finished"
	Failed      = "failed"
	Interrupted = "interrupted"
)

// Manifest holds the circumstances of a run. Nothing in it is part of the run's identity.
type Manifest struct {
	Format int    `json:"format"` // set by WriteManifest
	State  string `json:"state"`  // Training, Finished, Failed or Interrupted
	Error  string `json:"error,omitempty"`

	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished,omitzero"` // when it ended, in any state
	Command  []string  `json:"command"`           // the command line

	Module       string            `json:"module"`           // version of this module
	Commit       string            `json:"commit,omitempty"` // of this module's sources, as the function Commit says; "": unknown
	Dependencies map[string]string `json:"dependencies"`     // version of each main dependency in the program, by its path
	Go           string            `json:"go"`
	Backend      string            `json:"backend"`
	Plugin       string            `json:"plugin,omitempty"`
	Threads      int               `json:"threads,omitempty"` // of the backend, if the last bits of the result depend on it; 0: they do not, or it is not known

	// Earlier lists the places, as in Manifest.Place, where epochs were trained before the run continued elsewhere. If
	// there is more than one place, the result is not equal to the bit to that of any single place.
	Earlier []string `json:"earlier,omitempty"`

	OS    string `json:"os"`
	Arch  string `json:"arch"`
	CPU   string `json:"cpu"`   // model; "": the system does not report it
	Cores int    `json:"cores"` // logical processors that the process may use

	Data         string `json:"data"`          // name of the data set
	DataChecksum string `json:"data_checksum"` // SHA-256 of its content

	Epochs          int     `json:"epochs"` // epochs that are done and kept
	WallSeconds     float64 `json:"wall_seconds"`
	PeakMemoryBytes int64   `json:"peak_memory_bytes"`        // largest resident memory of the process until the run ended, including its other work
	WeightsSHA256   string  `json:"weights_sha256,omitempty"` // of a finished run; without training, of the runs that it is made from
	Snapshots       []int   `json:"snapshots,omitempty"`      // epochs whose weights are kept, in increasing order
	HistorySHA256   string  `json:"history_sha256,omitempty"` // of history.csv, if the run is finished; set by WriteManifest
}

// Place describes what the result of a run, to the bit, depends on besides its specification: backend, plugin, kind of
// processor and number of threads.
func (m *Manifest) Place() string {
	place := m.Backend
	if m.Plugin != "" {
		place += " (PJRT " + m.Plugin + ")"
	}
	place += " on " + cmp.Or(m.CPU, m.OS+"/"+m.Arch)
	switch m.Threads {
	case 0:
		return place
	case 1:
		return place + ", 1 thread"
	}
	return fmt.Sprintf("%s, %d threads", place, m.Threads)
}

// After adds the places of the run that this one continues, unless they are its own place.
func (m *Manifest) After(before Manifest) {
	for _, place := range append(slices.Clone(before.Earlier), before.Place()) {
		if place != m.Place() && !slices.Contains(m.Earlier, place) {
			m.Earlier = append(m.Earlier, place)
		}
	}
}

// manifestFile is the content of manifest.json.
type manifestFile struct {
	Manifest
	SHA256 string `json:"sha256"` // of the manifest
}

const manifestName = "manifest.json"

// NewManifest is the manifest of a run that starts now. It holds what the process knows about itself. The backend, the
// data and the results are missing.
func NewManifest() Manifest {
	m := Manifest{
		Format:  Format,
		State:   Training,
		Started: time.Now().UTC().Truncate(time.Millisecond),
		Command: os.Args,
		Go:      runtime.Version(),
		OS:      runtime.GOOS,
		Arch:    runtime.GOARCH,
		CPU:     cpuModel(),
		Cores:   runtime.NumCPU(),
		Commit:  Commit(),
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		m.Module, m.Dependencies = versions(info)
	}
	return m
}

// WriteManifest replaces manifest.json. It sets the format, and the checksum of the history of a finished run.
func (r *Run) WriteManifest(m Manifest) error {
	path := r.path(manifestName)
	m.Format, m.HistorySHA256 = Format, ""
	if err := m.check(); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if m.State == Finished {
		epochs, err := r.readHistory()
		if err == nil {
			m.HistorySHA256 = historySum(epochs)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	sum, err := sumOf(m)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return WriteJSON(path, manifestFile{m, sum})
}

// Manifest reads manifest.json. If there is none, the error is an fs.ErrNotExist.
func (r *Run) Manifest() (Manifest, error) {
	if err := r.check(); err != nil {
		return Manifest{}, err
	}
	path := r.path(manifestName)
	var file manifestFile
	if err := readVersioned(path, &file, &file.Format); err != nil {
		return Manifest{}, err
	}
	if err := file.check(); err != nil {
		return Manifest{}, damaged(path, err)
	}
	sum, err := sumOf(file.Manifest)
	if err == nil {
		err = verify(sum, file.SHA256)
	}
	if err != nil {
		return Manifest{}, damaged(path, err)
	}
	return file.Manifest, nil
}

func (m *Manifest) check() error {
	if states := []string{Training, Finished, Failed, Interrupted}; !slices.Contains(states, m.State) {
		return fmt.Errorf("state %q, want one of %q", m.State, states)
	}
	if m.Epochs < 0 {
		return fmt.Errorf("%d epochs done, want 0 or more", m.Epochs)
	}
	if sum, err := hex.DecodeString(m.WeightsSHA256); err != nil || len(sum) != 0 && len(sum) != 32 {
		return fmt.Errorf("weights_sha256 %q, want 64 hexadecimal digits or none", m.WeightsSHA256)
	}
	for i, epoch := range m.Snapshots {
		if epoch < 0 || i > 0 && epoch <= m.Snapshots[i-1] {
			return fmt.Errorf("snapshots %v, want increasing epochs", m.Snapshots)
		}
	}
	return nil
}

// self is the path of this module.
const self = "fashionlatent"

// versions returns the version of this module and those of the main dependencies. In a program that a notebook builds,
// this module is a dependency, not the main module. The version of a build in a git checkout contains the commit, and
// +dirty if files were changed.
func versions(info *debug.BuildInfo) (module string, dependencies map[string]string) {
	main := []string{"github.com/gomlx/gomlx", "github.com/gomlx/compute", "github.com/gomlx/go-xla", "gonum.org/v1/gonum"}

	dependencies = map[string]string{}
	for _, dep := range info.Deps {
		version := dep.Version
		if dep.Replace != nil {
			version = strings.TrimSpace(dep.Replace.Path + " " + dep.Replace.Version)
		}
		if dep.Path == self {
			module = version
		}
		if slices.Contains(main, dep.Path) {
			dependencies[dep.Path] = version
		}
	}
	if info.Main.Path == self {
		module = info.Main.Version
	}
	return module, dependencies
}

func cpuModel() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	defer f.Close()
	return parseCPUModel(f)
}

// parseCPUModel reads the first "model name" in the format of Linux's /proc/cpuinfo. It is missing on some
// architectures.
func parseCPUModel(r io.Reader) string {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
