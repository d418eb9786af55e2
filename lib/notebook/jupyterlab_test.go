package notebook

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// In the project's JupyterLab, with Chromium, notebooks do what the README describes: every cell runs, a changed cell
// shows another result, and a long cell shows its progress in one line and can be interrupted. A few notebooks are
// enough: make test executes all of them.
//
// make e2e runs this test. FASHIONLATENT_E2E names a Python that has Playwright, and CHROMIUM the browser.
// FASHIONLATENT_RUNS names a folder of runs at the smallest scale; those that the notebooks need and are not there are trained.
// FASHIONLATENT_SHOTS names a folder for screenshots.
func TestNotebooksInChromium(t *testing.T) {
	python := os.Getenv("FASHIONLATENT_E2E")
	if python == "" {
		t.Skip("needs a browser: make e2e")
	}
	// Cells write nothing into the project.
	folder := t.TempDir()
	files, err := filepath.Glob("../../notebooks/*.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if err := os.WriteFile(filepath.Join(folder, filepath.Base(file)), readFile(file), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	results := t.TempDir()
	if runs := os.Getenv("FASHIONLATENT_RUNS"); runs != "" {
		if err := os.CopyFS(filepath.Join(results, "runs"), os.DirFS(runs)); err != nil {
			t.Fatal(err)
		}
	}
	j, err := newJupyter(Options{Root: root, Scale: "smoke,seeds=1", Results: results})
	if err != nil {
		t.Fatal(err)
	}
	defer j.close()
	token := rand.Text()
	port := freePort(t)
	lab := exec.Command(filepath.Join(root, ".venv/bin/jupyter-lab"), "--no-browser", "--allow-root",
		fmt.Sprintf("--ServerApp.port=%d", port), "--ServerApp.port_retries=0", "--ServerApp.root_dir="+folder,
		"--IdentityProvider.token="+token, "--LabApp.expose_app_in_browser=True")
	lab.Dir, lab.Env = folder, j.env
	log, err := os.Create(filepath.Join(t.TempDir(), "jupyterlab.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	lab.Stdout, lab.Stderr = log, log
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		runTree(ctx, lab)
	}()
	defer func() { stop(); <-ended }()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			c.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("JupyterLab does not answer:\n%s", readFile(log.Name()))
		}
	}

	within, cancel := context.WithTimeout(ctx, 15*time.Minute)
	defer cancel()
	said, err := exec.CommandContext(within, python, "testdata/jupyterlab.py", fmt.Sprintf("http://127.0.0.1:%d", port), token, folder, os.Getenv("FASHIONLATENT_SHOTS")).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, said)
	}
	t.Logf("%s", said)
}

// freePort is a port on which nothing listened a moment ago.
func freePort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
