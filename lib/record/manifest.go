package record

import (
	"bufio"
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

// States of a run. One whose process was killed stays at Training, with nobody holding its lock.
const (
	Training    = "training"
	Finished    = "finished"
	Failed      = "failed"
	Interrupted = "interrupted"
)

// Manifest is the circumstances of a run: nothing in it is part of the run's identity.
type Manifest struct {
	Format int    `json:"format"` // set by WriteManifest
	State  string `json:"state"`  // Training, Finished, Failed or Interrupted
	Error  string `json:"error,omitempty"`

	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished,omitzero"` // when it ended, in whatever state
	Command  []string  `json:"command"`           // the command line

	Module       string            `json:"module"`       // version of this module
	Dependencies map[string]string `json:"dependencies"` // path of a main dependency -> version; those that are in the program
	Go           string            `json:"go"`
	Backend      string            `json:"backend"`
	Plugin       string            `json:"plugin,omitempty"`

	// Where epochs were trained before the run went on elsewhere, as Manifest.Place says it: with more than one place, the
	// bits are those of none alone.
	Earlier []string `json:"earlier,omitempty"`

	OS    string `json:"os"`
	Arch  string `json:"arch"`
	CPU   string `json:"cpu"`   // model, "" where the system does not say
	Cores int    `json:"cores"` // logical processors that the process may use

	Data         string `json:"data"`          // name of the data set
	DataChecksum string `json:"data_checksum"` // SHA-256 of its content

	Epochs          int     `json:"epochs"` // done and kept
	WallSeconds     float64 `json:"wall_seconds"`
	PeakMemoryBytes int64   `json:"peak_memory_bytes"` // of the process, resident, until the run ended: with all that it did before and beside
	WeightsSHA256   string  `json:"weights_sha256,omitempty"`
	Snapshots       []int   `json:"snapshots,omitempty"`      // epochs whose weights are kept, increasing
	HistorySHA256   string  `json:"history_sha256,omitempty"` // of history.csv, when the run is finished; set by WriteManifest
}

// Place is what the bits of a run depend on beside its specification: backend, plugin and kind of processor.
func (m *Manifest) Place() string {
	processor := m.CPU
	if processor == "" {
		processor = m.OS + "/" + m.Arch
	}
	if m.Plugin == "" {
		return m.Backend + " on " + processor
	}
	return m.Backend + " (PJRT " + m.Plugin + ") on " + processor
}

// After adds the places of a run that this one goes on from, where they differ from its own.
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

// NewManifest gives the manifest of a run that starts now, with what the process knows of itself: all but the backend, the
// data and what the run will bring.
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
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		m.Module, m.Dependencies = versions(info)
	}
	return m
}

// WriteManifest replaces manifest.json.
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

// Manifest reads manifest.json; the error is an fs.ErrNotExist where there is none.
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

// versions gives the version of this module, which is not the main one of a program that a notebook builds, and of the main
// dependencies. The version of a build in a git checkout holds the commit, and +dirty if files were changed.
func versions(info *debug.BuildInfo) (module string, dependencies map[string]string) {
	const self = "fashionlatent"
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

// FreeMemory is the memory that programs can still take without swapping, in bytes; 0 where the system does not say.
func FreeMemory() int64 {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0
	}
	defer f.Close()
	return parseFreeMemory(f)
}

// parseFreeMemory finds MemAvailable in the form of Linux's /proc/meminfo: "MemAvailable:   1024 kB".
func parseFreeMemory(r io.Reader) int64 {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		var kibibytes int64
		if n, _ := fmt.Sscanf(lines.Text(), "MemAvailable: %d kB", &kibibytes); n == 1 {
			return kibibytes << 10
		}
	}
	return 0
}

func cpuModel() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	defer f.Close()
	return parseCPUModel(f)
}

// parseCPUModel finds the first "model name" in the form of Linux's /proc/cpuinfo, which not every architecture writes.
func parseCPUModel(r io.Reader) string {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
