package fashion

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	packageName  = "dataset-fashion-mnist"
	debianFolder = "/usr/share/datasets/fashion-mnist" // where the package installs
)

// unpackPackage downloads Debian's package into work and unpacks it there. If the system's package lists lack the
// package or have an old version of it, it updates lists of its own under work. Neither needs root.
func unpackPackage(ctx context.Context, work string) (string, error) {
	for _, tool := range []string{"apt-get", "dpkg-deb"} {
		if _, err := exec.LookPath(tool); err != nil {
			return "", fmt.Errorf("%s, a tool of Debian and its derivatives, is not on this system", tool)
		}
	}
	options := []string{"-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=10", "-o", "Acquire::https::Timeout=10"}
	apt := func(args ...string) (string, error) {
		return run(ctx, work, "apt-get", append(options[:len(options):len(options)], args...)...)
	}

	if _, err := apt("download", packageName); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		for _, folder := range []string{"state/lists/partial", "cache/archives/partial"} {
			if err := os.MkdirAll(filepath.Join(work, folder), 0o755); err != nil {
				return "", err
			}
		}
		options = append(options,
			"-o", "Dir::State="+filepath.Join(work, "state"), "-o", "Dir::State::lists="+filepath.Join(work, "state/lists"),
			"-o", "Dir::State::status="+os.DevNull,
			"-o", "Dir::Cache="+filepath.Join(work, "cache"), "-o", "Dir::Cache::archives="+filepath.Join(work, "cache/archives"),
			"-o", "Acquire::Languages=none")
		complaint, err := apt("update") // succeeds with a complaint if some or all lists cannot be fetched
		if err != nil {
			return "", err
		}
		if _, err := apt("download", packageName); err != nil {
			if complaint != "" {
				err = fmt.Errorf("%w; before that, apt-get update: %s", err, complaint)
			}
			return "", err
		}
	}

	debs, err := fs.Glob(os.DirFS(work), packageName+"_*.deb")
	if err != nil {
		return "", err
	}
	if len(debs) != 1 {
		return "", fmt.Errorf("want one package file from apt-get download, found %d", len(debs))
	}
	tree := filepath.Join(work, "tree")
	if _, err := run(ctx, work, "dpkg-deb", "-x", debs[0], tree); err != nil {
		return "", err
	}
	return filepath.Join(tree, debianFolder), nil
}

// run runs a tool in a folder. It returns the tool's first complaint, which is also part of the error.
func run(ctx context.Context, folder, tool string, args ...string) (complaint string, err error) {
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, tool, args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive")
	cmd.Stderr = &stderr
	cmd.WaitDelay = time.Second // for processes that the tool left running
	err = cmd.Run()
	complaint = firstComplaint(stderr.String())
	if ctx.Err() != nil {
		return complaint, ctx.Err()
	}
	if err != nil {
		return complaint, errors.New(strings.TrimSuffix(fmt.Sprintf("%s: %v: %s", tool, err, complaint), ": "))
	}
	return complaint, nil
}

// firstComplaint is the first error that a tool wrote; if there is none, its first warning, and otherwise its first
// line.
func firstComplaint(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for _, mark := range []string{"E: ", "dpkg-deb: error: ", "W: "} {
		for _, line := range lines {
			if strings.HasPrefix(line, mark) {
				return strings.TrimSpace(strings.TrimPrefix(line, mark))
			}
		}
	}
	return strings.TrimSpace(lines[0])
}
