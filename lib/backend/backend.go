// Package backend chooses the compute backend that trains and runs the models, and says which one and why.
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

// EnvVar is the environment variable that names the backend, as GoMLX reads it: "go", "xla:cpu", "xla:cuda" or
// "xla:/path/of/plugin.so".
const EnvVar = compute.ConfigEnvVar

// EnvPlugins is the environment variable that names the folders with plugins of XLA.
const EnvPlugins = "PJRT_PLUGIN_LIBRARY_PATH"

// Backend is an open compute backend.
type Backend struct {
	Kind    string          // Go, XLACPU or XLACUDA
	Plugin  string          // file of the XLA plugin; "" for the pure Go backend
	Version string          // of the plugin's interface; "" for the pure Go backend
	Reason  string          // why this one was chosen
	Threads int             // threads of XLA on the processor, on which the last bits of results depend; 0 for other backends, where they do not
	Compute compute.Backend // what GoMLX computes with

	mu     sync.Mutex
	graphs map[string]*graph.Exec
}

// String says in one line which backend was chosen and why.
func (b *Backend) String() string {
	s := b.Kind
	if b.Plugin != "" {
		s += " (" + filepath.Base(b.Plugin) + ", PJRT " + b.Version + ")"
	}
	return s + ": " + b.Reason
}

// Loops says whether the backend runs many training steps in one call.
func (b *Backend) Loops() bool { return b.Kind != Go }

// Close frees the backend. Nothing made with it may be used afterwards.
func (b *Backend) Close() { b.Compute.Finalize() }

// Open opens the backend that the environment variable GOMLX_BACKEND names. Without it, Open chooses the best available
// one: XLA on a GPU, then XLA on the processor, then pure Go. Nothing is ever downloaded. If the named backend is not
// available, the error says what to do.
func Open() (*Backend, error) { return OpenThreads(0) }

// OpenThreads is Open with a limit on the number of the backend's processor threads; 0: one per core. It is for runs that
// are trained at the same time, each with its own backend. On some processors XLA splits the sums of a product differently
// for one thread than for several, and results agree only up to rounding. The pure Go backend ignores the limit: its threads are those of
// the program, and they do not change the result.
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

// choose opens the best available backend. The pure Go backend is always available.
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
			if missing != nil {
				b.Reason += "; the GPU is not used: " + strings.Join(missing, "; ")
			}
			return b, nil
		}
		missing = append(missing, err.Error())
	}
	b, err := open(Go, threads)
	if err != nil {
		return nil, err
	}
	b.Reason = "XLA is not available, and training without it is several times slower (tens of times on processors other than x86-64): " + strings.Join(missing, "; ")
	return b, nil
}

// open opens the backend of that name.
func open(name string, threads int) (*Backend, error) {
	kind, rest, _ := strings.Cut(name, ":")
	switch kind {
	case Go:
		// Operations run one after another, each on all cores. If they ran at the same time, large products could wait
		// for each other's workers for ever (compute v0.1.2).
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

// Graph returns the graph called name. The first call makes it with f. What f builds must depend only on name.
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

// construct makes a backend, and turns the panics of the underlying libraries into errors.
func construct(open func() (compute.Backend, error)) (c compute.Backend, err error) {
	if caught := exceptions.TryCatch[error](func() { c, err = open() }); caught != nil {
		return nil, caught
	}
	return c, err
}

// hasGPU says whether the machine has a device of an NVIDIA driver.
func hasGPU() bool {
	devices, _ := filepath.Glob("/dev/nvidia[0-9]*")
	return len(devices) > 0
}
