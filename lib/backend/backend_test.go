package backend_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fashionlatent/lib/backend"
	"fashionlatent/lib/backend/backendtest"
)

func TestOpenByName(t *testing.T) {
	empty := t.TempDir()
	broken := filepath.Join(t.TempDir(), "pjrt_c_api_cpu_plugin.so")
	if err := os.WriteFile(broken, []byte("not a library"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		kind string // of the expected backend; "": an error is expected
		says []string
	}{
		{name: "go", kind: backend.Go},
		{name: "go:parallelism=1", kind: backend.Go},
		{name: "tpu", says: []string{`GOMLX_BACKEND=tpu`, `"tpu"`, `"xla:cpu"`}},
		{name: "xla:cpu", says: []string{"cpu", "make setup", "GOMLX_BACKEND=go"}},
		{name: "xla:cuda", says: []string{"cuda", "make setup"}},
		{name: "xla:/nowhere/plugin.so", says: []string{"/nowhere/plugin.so"}},
		{name: "xla:" + broken, says: []string{broken, "could not be loaded"}},
		{name: "go:nonsense=1", says: []string{"nonsense"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv(backend.EnvVar, c.name)
			t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", empty)
			b, err := backend.Open()
			if c.kind == "" {
				if err == nil {
					t.Fatalf("opened %v, want an error", b)
				}
				for _, want := range c.says {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("error %q does not say %q", err, want)
					}
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			if b.Kind != c.kind || !strings.Contains(b.String(), c.name) {
				t.Errorf("got %v, want kind %q for the reason %q", b, c.kind, c.name)
			}
		})
	}
}

func TestWithoutPluginFallsToGo(t *testing.T) {
	t.Setenv(backend.EnvVar, "")
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", t.TempDir())
	b, err := backend.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if b.Kind != backend.Go || !strings.Contains(b.Reason, "XLA is not available") {
		t.Errorf("got %v", b)
	}
}

// The processor is one device; see clientOptions.
func TestProcessorIsOneDevice(t *testing.T) {
	if n := backendtest.XLA(t).Compute.NumDevices(); n != 1 {
		t.Errorf("%d devices, want 1", n)
	}
}
