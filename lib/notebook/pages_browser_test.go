package notebook

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// In Chromium, without a network, every exported page opens without an error in its console, fits on a phone and can be
// printed. Its pictures are shown, and its links lead to existing places.
//
// make e2e runs this test. FASHIONLATENT_E2E names a Python that has Playwright, CHROMIUM the browser, and
// FASHIONLATENT_PAGES the folder of the exported pages. FASHIONLATENT_SHOTS names a folder for screenshots.
func TestPagesInChromium(t *testing.T) {
	python, pages := os.Getenv("FASHIONLATENT_E2E"), os.Getenv("FASHIONLATENT_PAGES")
	if python == "" || pages == "" {
		t.Skip("needs a browser and the exported pages: make e2e")
	}
	said, err := exec.Command(python, filepath.Join("testdata", "browser.py"), pages, os.Getenv("FASHIONLATENT_SHOTS")).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, said)
	}
	t.Logf("%s", said)
}
