package backend_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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
		{name: "xla:cpu", says: []string{"cpu", empty, "PJRT_PLUGIN_LIBRARY_PATH", "GOMLX_BACKEND=go"}},
		{name: "xla:cuda", says: []string{"cuda", empty, "make setup"}},
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

// A relative folder of plugins does, and the latest version of several is taken.
func TestFolderOfPlugins(t *testing.T) {
	found := backendtest.XLA(t).Plugin
	folder := t.TempDir()
	if err := os.Symlink(found, filepath.Join(folder, "pjrt_c_api_cpu_v0.114.0_plugin.so")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "pjrt_c_api_cpu_v0.83.1_plugin.so"), []byte("not a library"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Dir(folder))
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", filepath.Base(folder))
	t.Setenv(backend.EnvVar, "xla:cpu")
	b, err := backend.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if want := filepath.Join(folder, "pjrt_c_api_cpu_v0.114.0_plugin.so"); b.Plugin != want {
		t.Errorf("plugin %s, want %s", b.Plugin, want)
	}
}

// A file that is no library, where GoMLX installs plugins, is not taken for one and stops nothing. This is tried in a process of its own,
// because the places are read once.
func TestBrokenPlugin(t *testing.T) {
	const inside = "FASHIONLATENT_BROKEN_PLUGIN"
	if os.Getenv(inside) != "" {
		b, err := backend.Open()
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		if b.Kind != backend.Go {
			t.Errorf("got %v", b)
		}
		return
	}
	home := t.TempDir()
	folder := filepath.Join(home, ".local", "lib", "go-xla")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "pjrt_c_api_cpu_v0.114.0_plugin.so"), []byte("not a library"), 0o644); err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	again := exec.Command(program, "-test.run=^TestBrokenPlugin$")
	again.Dir = home // the set-up of this project is not above it
	without := func(variable string) bool {
		return strings.HasPrefix(variable, "PJRT_PLUGIN_LIBRARY_PATH=") || strings.HasPrefix(variable, backend.EnvVar+"=")
	}
	again.Env = append(slices.DeleteFunc(os.Environ(), without), inside+"=1", "HOME="+home)
	if out, err := again.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
