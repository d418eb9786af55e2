//go:build ((linux && (amd64 || arm64)) || (darwin && arm64) || (windows && amd64)) && !noxla

package backend

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/pjrt"
)

// SetupFolder is where the project's set-up puts the XLA plugin, below the project's folder.
const SetupFolder = ".venv/lib/go-xla"

// multiOutputFusion makes one loop of several that read the same arrays, as lib/training's optimiser needs it. It is an
// option of XLA's compiler for the processor; a plugin without it ignores it.
const multiOutputFusion = "--xla_backend_extra_options=xla_cpu_use_multi_output_fusion"

func init() {
	xla.EnableAutoInstall(false)
	// XLA reads its flags once, when a plugin is loaded. Flags that the user gives stay.
	if user := os.Getenv("XLA_FLAGS"); !strings.Contains(user, "xla_backend_extra_options") {
		os.Setenv("XLA_FLAGS", strings.TrimSpace(user+" "+multiOutputFusion))
	}
}

// openXLA opens XLA with the plugin "cpu", "cuda" or an absolute path, and options after a comma as GoMLX takes them;
// an empty name stands for the best plugin that is here.
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
	if pjrt.IsCUDAName(file) {
		b.Kind = XLACUDA
		options = cudaOptions(options)
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

// clientOptions are the options of the plugin's client. The processor is one device. Without the option the plugin makes four
// devices of it and gives them four threads, which on two cores wait for each other.
func clientOptions(kind string) pjrt.NamedValuesMap {
	if kind != XLACPU {
		return nil
	}
	return pjrt.NamedValuesMap{"cpu_device_count": int64(1)}
}

// threadsEnv names the variable in which XLA's client for the processor looks for the number of its threads, when it is made.
// It has effect with one device only.
const threadsEnv = "PJRT_NPROC"

var environment sync.Mutex // held while threadsEnv is set for one client

// withThreads calls open, which makes a client, with a bound on the client's threads; 0: as many as there are cores.
func withThreads(threads int, open func() error) error {
	if threads == 0 {
		return open()
	}
	environment.Lock()
	defer environment.Unlock()
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

// cudaOptions adds what makes a GPU's products as exact as a processor's, unless the user said otherwise: no TF32.
func cudaOptions(options string) string {
	if strings.Contains(options, "tf32") {
		return options
	}
	return strings.TrimPrefix(options+",tf32=false", ",")
}

// findPlugin returns the file of the plugin of that name: from the folders of PJRT_PLUGIN_LIBRARY_PATH where that is
// set, else from the project's set-up, else from where GoMLX installs its own.
func findPlugin(name string) (string, error) {
	var folders []string
	if path := os.Getenv("PJRT_PLUGIN_LIBRARY_PATH"); path != "" {
		folders = filepath.SplitList(path)
	} else {
		var installed []string
		for _, file := range pjrt.AvailablePlugins() {
			installed = append(installed, filepath.Dir(file))
		}
		slices.Sort(installed)
		folders = append(setupFolders(), installed...)
	}
	for _, folder := range folders {
		for _, pattern := range []string{"pjrt_c_api_" + name + "_plugin.so", "pjrt_c_api_" + name + "_v*_plugin.so"} {
			if files, _ := filepath.Glob(filepath.Join(folder, pattern)); len(files) > 0 {
				return files[len(files)-1], nil
			}
		}
	}
	return "", fmt.Errorf("the XLA plugin %q was not found: run `make setup`, or name its file: GOMLX_BACKEND=xla:/path/of/plugin.so; "+
		"GOMLX_BACKEND=go needs no plugin", name)
}

// setupFolders are the folders where the set-up puts plugins, from the working directory upwards.
func setupFolders() []string {
	folder, err := os.Getwd()
	if err != nil {
		return nil
	}
	var all []string
	for {
		all = append(all, filepath.Join(folder, SetupFolder), filepath.Join(folder, SetupFolder, "nvidia"))
		parent := filepath.Dir(folder)
		if parent == folder {
			return all
		}
		folder = parent
	}
}
