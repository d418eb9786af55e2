//go:build ((linux && (amd64 || arm64)) || (darwin && arm64) || (windows && amd64)) && !noxla

package backend

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/pjrt"
)

// setupFolder is where the project's set-up installs the XLA plugin, below the project's folder.
const setupFolder = ".venv/lib/go-xla"

// multiOutputFusion merges several loops that read the same arrays into one, as the optimiser in lib/training needs it.
// It is an option of XLA's compiler for the processor. A plugin without the option ignores it.
const multiOutputFusion = "--xla_backend_extra_options=xla_cpu_use_multi_output_fusion"

func init() {
	xla.EnableAutoInstall(false)
	// XLA reads its flags once, when a plugin is loaded. Flags set by the user are kept.
	if user := os.Getenv("XLA_FLAGS"); !strings.Contains(user, "xla_backend_extra_options") {
		os.Setenv("XLA_FLAGS", strings.TrimSpace(user+" "+multiOutputFusion))
	}
}

// openXLA opens XLA with the plugin "cpu" or "cuda" or one at an absolute path, followed by a comma and options for
// GoMLX. An empty name means the best installed plugin.
func openXLA(config string, threads int) (*Backend, error) {
	name, options, _ := strings.Cut(config, ",")
	if name == "" {
		name = "cpu"
		if _, err := findPlugin("cuda"); hasGPU() && err == nil {
			name = "cuda"
		}
	}
	file := name
	if !filepath.IsAbs(name) {
		var err error
		if file, err = findPlugin(name); err != nil {
			return nil, err
		}
	} else if _, err := os.Stat(file); err != nil {
		return nil, fmt.Errorf("the XLA plugin was not found: %w", err)
	}
	b := &Backend{Kind: XLACPU, Plugin: file}
	if pjrt.IsCUDAName(filepath.Base(file)) {
		b.Kind = XLACUDA
		options = cudaOptions(options)
	} else {
		b.Threads = threadsOr(threads)
	}
	if options != "" {
		options = "," + options
	}
	err := withThreads(threads, func() (err error) {
		b.Compute, err = construct(func() (compute.Backend, error) { return xla.NewWithOptions(file+options, clientOptions(b.Kind)) })
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("the XLA plugin %s could not be loaded: %w", file, err)
	}
	if plugin, err := pjrt.GetPlugin(file); err == nil {
		major, minor := plugin.Version()
		b.Version = fmt.Sprintf("%d.%d", major, minor)
	}
	return b, nil
}

// clientOptions are the options of the plugin's client. The processor is one device. Without this option the plugin
// makes four devices of it with four threads, which on two cores wait for each other.
func clientOptions(kind string) pjrt.NamedValuesMap {
	if kind != XLACPU {
		return nil
	}
	return pjrt.NamedValuesMap{"cpu_device_count": int64(1)}
}

// threadsEnv is the environment variable from which XLA's client for the processor reads the number of its threads when
// it is created. It has an effect only with one device.
const threadsEnv = "PJRT_NPROC"

var environment sync.Mutex // held while a client is created, which reads threadsEnv

// threadsOr is the number of threads of a client that is opened with a limit; 0: the one of the environment, else one per
// core.
func threadsOr(limit int) int {
	if limit > 0 {
		return limit
	}
	if n, err := strconv.Atoi(os.Getenv(threadsEnv)); err == nil && n > 0 {
		return n
	}
	return runtime.NumCPU()
}

// withThreads calls open, which creates a client, with a limit on the client's threads; 0: one per core.
func withThreads(threads int, open func() error) error {
	environment.Lock()
	defer environment.Unlock()
	if threads == 0 {
		return open()
	}
	before, was := os.LookupEnv(threadsEnv)
	if err := os.Setenv(threadsEnv, strconv.Itoa(threads)); err != nil {
		return err
	}
	defer func() {
		if os.Unsetenv(threadsEnv); was {
			os.Setenv(threadsEnv, before)
		}
	}()
	return open()
}

// cudaOptions disables TF32, unless the user has set it, so that products on a GPU are as exact as on a processor.
func cudaOptions(options string) string {
	if strings.Contains(options, "tf32") {
		return options
	}
	return strings.TrimPrefix(options+",tf32=false", ",")
}

// findPlugin returns the file of the plugin of that name. It searches the folders in PJRT_PLUGIN_LIBRARY_PATH if that
// is set. Otherwise it searches the folders of the project's set-up, and then those where GoMLX installs plugins.
func findPlugin(name string) (string, error) {
	path := os.Getenv(EnvPlugins)
	folders := filepath.SplitList(path)
	if path == "" {
		folders = setupFolders()
	}
	file := pluginIn(folders, name)
	if file == "" && path == "" {
		file = pluginIn(installFolders(), name)
	}
	if file != "" {
		return filepath.Abs(file) // GoMLX takes a relative path for the name of a plugin
	}
	setup := "make setup"
	if name == "cuda" {
		setup = "make setup PLUGIN=gomlx" // the wheel of make setup has the plugin for processors
	}
	if path != "" {
		return "", fmt.Errorf("the XLA plugin %q was not found in %s, the folders that %s names: run `%s`, or set it to the folder of a plugin; GOMLX_BACKEND=go needs no plugin", name, path, EnvPlugins, setup)
	}
	return "", fmt.Errorf("the XLA plugin %q was not found: run `%s`, or name its file: GOMLX_BACKEND=xla:/path/of/plugin.so; "+
		"GOMLX_BACKEND=go needs no plugin", name, setup)
}

// pluginIn is the file of a plugin in the first of some folders that has one, in its latest version; "": none has.
func pluginIn(folders []string, name string) string {
	for _, folder := range folders {
		for _, pattern := range []string{"pjrt_c_api_" + name + "_plugin.so", "pjrt_c_api_" + name + "_v*_plugin.so"} {
			if files, _ := fs.Glob(os.DirFS(folder), pattern); len(files) > 0 { // not filepath.Glob: the folder's name may look like a pattern
				return filepath.Join(folder, slices.MaxFunc(files, byVersion))
			}
		}
	}
	return ""
}

// byVersion compares names that have numbers in the same places by these numbers: v0.114.0 comes after v0.83.1.
func byVersion(a, b string) int {
	numbers := func(name string) (all []int) {
		for _, digits := range strings.FieldsFunc(name, func(r rune) bool { return r < '0' || r > '9' }) {
			n, _ := strconv.Atoi(digits) // digits only; one that is too large counts as the largest
			all = append(all, n)
		}
		return all
	}
	return slices.Compare(numbers(a), numbers(b))
}

// installFolders are the folders where GoMLX installs plugins. They are searched without loading what is in them: go-xla's own search
// loads every file, and panics if one is no library.
func installFolders() (folders []string) {
	if home, err := os.UserHomeDir(); err == nil {
		folders = append(folders, filepath.Join(home, ".local", "lib", "go-xla"), filepath.Join(home, ".local", "lib", "go-xla", "nvidia"),
			filepath.Join(home, "Library", "Application Support", "go-xla"))
	}
	return append(folders, "/usr/local/lib/go-xla", "/usr/local/lib/go-xla/nvidia")
}

// setupFolders are the folders where the set-up puts plugins: from the working directory upwards, and in the project of a program
// that the set-up built, in bin.
func setupFolders() (all []string) {
	add := func(folder string) {
		all = append(all, filepath.Join(folder, setupFolder), filepath.Join(folder, setupFolder, "nvidia"))
	}
	if folder, err := os.Getwd(); err == nil {
		for parent := ""; folder != parent; folder = filepath.Dir(folder) {
			add(folder)
			parent = folder
		}
	}
	if program, err := os.Executable(); err == nil {
		if program, err = filepath.EvalSymlinks(program); err == nil && filepath.Base(filepath.Dir(program)) == "bin" {
			add(filepath.Dir(filepath.Dir(program)))
		}
	}
	return all
}
