package experiments_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"fashionlatent/experiments"
	"fashionlatent/experiments/lab"
	"fashionlatent/lib/explorer"
)

// In Chromium, without a network, the controls of the explorer work, and its decoders compute the same as the library.
//
// make e2e runs this test. FASHIONLATENT_E2E names a Python that has Playwright, and CHROMIUM the browser. By default
// the page shows small models. With FASHIONLATENT_RESULTS it shows the runs there, at FASHIONLATENT_SCALE.
// FASHIONLATENT_SHOTS names a folder for screenshots.
func TestExplorerInChromium(t *testing.T) {
	python := os.Getenv("FASHIONLATENT_E2E")
	if python == "" {
		t.Skip("needs a browser: make e2e")
	}
	ctx, out := context.Background(), &bytes.Buffer{}
	var l *experiments.Lab
	if os.Getenv(lab.EnvResults) == "" {
		l = openLab(t, t.TempDir(), out)
		l.Scale.Hidden = []int{256, 128}
	} else {
		var err error
		if l, err = lab.Open(ctx, lab.Options{Out: out}); err != nil {
			t.Fatal(err)
		}
		defer l.Close()
	}
	data, err := experiments.Explorer(ctx, l)
	if err != nil {
		t.Fatal(err)
	}
	var html bytes.Buffer
	if err := explorer.Write(&html, *data); err != nil {
		t.Fatal(err)
	}
	page := filepath.Join(t.TempDir(), "explorer.html")
	if err := os.WriteFile(page, html.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(compareExplorer(t, l, data, 1000))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "reference.json")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(lab.Root(), "lib", "explorer", "testdata", "browser.py")
	said, err := exec.Command(python, script, page, file, os.Getenv("FASHIONLATENT_SHOTS")).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, said)
	}
	t.Logf("%s", said)
}
