// Package backend picks the compute backend that trains and runs the models, and says which and why.
package backend

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend" // the pure Go backend, "go"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Kinds of backend, as recorded with a run.
const (
	Go      = "go"       // GoMLX's pure Go backend
	XLACPU  = "xla:cpu"  // XLA on the processor
	XLACUDA = "xla:cuda" // XLA on an NVIDIA GPU
)

// EnvVar names the backend to use, as GoMLX reads it: "go", "xla:cpu", "xla:cuda" or "xla:/path/of/plugin.so".
const EnvVar = compute.ConfigEnvVar

// Backend is an opened compute backend.
type Backend struct {
	Kind    string          // Go, XLACPU or XLACUDA
	Plugin  string          // file of the XLA plugin, "" for the pure Go backend
	Version string          // of the plugin's interface, "" for the pure Go backend
	Reason  string          // why this one was chosen
	Compute compute.Backend // what GoMLX computes with

	mu     sync.Mutex
	graphs map[string]*graph.Exec
}

// String says which backend was chosen and why, in one line.
func (b *Backend) String() string {
	s := b.Kind
	if b.Plugin != "" {
		s += " (" + filepath.Base(b.Plugin) + ", PJRT " + b.Version + ")"
	}
	return s + ": " + b.Reason
}

// Loops says whether the backend runs many training steps in one call.
func (b *Backend) Loops() bool { return b.Kind != Go }

// Close frees the backend; nothing made with it may be used afterwards.
func (b *Backend) Close() { b.Compute.Finalize() }

// Open opens the backend named by the environment variable GOMLX_BACKEND if it is set, and otherwise the best one that
// is here: XLA on a GPU, XLA on the processor, pure Go. Nothing is ever downloaded. A backend asked for by name that
// cannot be had is an error that says what to do.
func Open() (*Backend, error) { return OpenThreads(0) }

// OpenThreads is Open with a bound on the processor's threads that the backend computes with; 0: as many as there are cores.
// The number of threads changes no result. It is for runs that are trained side by side, each with a backend of its own. The
// pure Go backend takes no bound: its threads are the program's, which share the cores.
func OpenThreads(threads int) (*Backend, error) {
	if name, asked := os.LookupEnv(EnvVar); asked && name != "" {
		b, err := open(name, threads)
		if err != nil {
			return nil, fmt.Errorf("%s=%s: %w", EnvVar, name, err)
		}
		b.Reason = EnvVar + "=" + name
		return b, nil
	}
	return choose(threads)
}

// choose opens the best backend there is; the pure Go one is always there.
func choose(threads int) (*Backend, error) {
	var missing []string
	for _, try := range []struct{ name, reason string }{
		{XLACUDA, "a GPU and its plugin are here"},
		{XLACPU, "the XLA plugin for the processor is here"},
	} {
		if try.name == XLACUDA && !hasGPU() {
			continue
		}
		b, err := open(try.name, threads)
		if err == nil {
			b.Reason = try.reason
			return b, nil
		}
		missing = append(missing, err.Error())
	}
	b, err := open(Go, threads)
	if err != nil {
		return nil, err
	}
	b.Reason = "XLA is not available, and training without it is several times slower: " + strings.Join(missing, "; ")
	return b, nil
}

// open opens the backend of that name.
func open(name string, threads int) (*Backend, error) {
	kind, rest, _ := strings.Cut(name, ":")
	switch kind {
	case Go:
		// Operations one after another, each on all cores: beside each other, large products can each wait for the workers of
		// the other for ever (compute v0.1.2).
		options := strings.Trim(rest+",ops_sequential", ",")
		c, err := construct(func() (compute.Backend, error) { return compute.NewWithConfig(Go + ":" + options) })
		if err != nil {
			return nil, err
		}
		return &Backend{Kind: Go, Compute: c}, nil
	case "xla", "stablehlo", "hlo", "shlo":
		return openXLA(rest, threads)
	}
	return nil, fmt.Errorf("no backend is called %q; want %q, %q, %q or \"xla:/path/of/plugin.so\"",
		kind, Go, XLACPU, XLACUDA)
}

// Graph returns the graph called name, made of f when it is first asked for. What f builds must depend on name alone.
func (b *Backend) Graph(name string, f func([]*graph.Node) []*graph.Node) (*graph.Exec, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if found := b.graphs[name]; found != nil {
		return found, nil
	}
	exec, err := graph.NewExec(b.Compute, f)
	if err != nil {
		return nil, err
	}
	if b.graphs == nil {
		b.graphs = map[string]*graph.Exec{}
	}
	b.graphs[name] = exec
	return exec, nil
}

// construct makes the backend, with the panics of the libraries below turned into errors.
func construct(open func() (compute.Backend, error)) (c compute.Backend, err error) {
	if caught := exceptions.TryCatch[error](func() { c, err = open() }); caught != nil {
		return nil, caught
	}
	return c, err
}

// hasGPU says whether an NVIDIA driver has a device here.
func hasGPU() bool {
	devices, _ := filepath.Glob("/dev/nvidia[0-9]*")
	return len(devices) > 0
}
