//go:build ((linux && (amd64 || arm64)) || (darwin && arm64) || (windows && amd64)) && !noxla

package backend

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/pjrt"
)

// SetupFolder is where the project's set-up puts the XLA plugin, below the project's folder.
const SetupFolder = ".venv/lib/go-xla"

func init() { xla.EnableAutoInstall(false) }

// openXLA opens XLA with the plugin "cpu", "cuda" or an absolute path, and options after a comma as GoMLX takes them;
// an empty name stands for the best plugin that is here.
func openXLA(config string) (*Backend, error) {
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
		return nil, fmt.Errorf("no XLA plugin there: %w", err)
	}
	b := &Backend{Kind: XLACPU, Plugin: file}
	if pjrt.IsCUDAName(file) {
		b.Kind = XLACUDA
		options = cudaOptions(options)
	}
	if options != "" {
		options = "," + options
	}
	var err error
	if b.Compute, err = construct("xla:" + file + options); err != nil {
		return nil, fmt.Errorf("the XLA plugin %s does not load: %w", file, err)
	}
	if plugin, err := pjrt.GetPlugin(file); err == nil {
		major, minor := plugin.Version()
		b.Version = fmt.Sprintf("%d.%d", major, minor)
	}
	return b, nil
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
	return "", fmt.Errorf("no XLA plugin %q is here: run `make setup`, or name its file: GOMLX_BACKEND=xla:/path/of/plugin.so; "+
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
