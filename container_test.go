package fashionlatent

import (
	"encoding/json"
	"go/version"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The container has a Go that builds the project, the development container starts from a stage that exists, and what git ignores in
// the project's folder is not sent to the builder.
func TestContainer(t *testing.T) {
	read := func(path string) string {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	first := func(pattern, text string) string {
		found := regexp.MustCompile(`(?m)` + pattern).FindStringSubmatch(text)
		if found == nil {
			t.Fatalf("nothing matches %s in\n%s", pattern, text)
		}
		return found[1]
	}
	dockerfile := read("Dockerfile")
	if have, want := first(`^FROM golang:([\d.]+)-`, dockerfile), first(`^go ([\d.]+)$`, read("go.mod")); version.Compare("go"+have, "go"+want) < 0 {
		t.Errorf("the Dockerfile has Go %s, want the %s of go.mod or newer", have, want)
	}
	var container struct {
		Build struct{ Target string }
	}
	if err := json.Unmarshal([]byte(read(".devcontainer/devcontainer.json")), &container); err != nil {
		t.Fatal(err)
	}
	if stage := first(`^FROM .* AS (\w+)$`, dockerfile); container.Build.Target != stage {
		t.Errorf("the development container is built to the stage %q, want %q", container.Build.Target, stage)
	}
	ignored := strings.Fields(read(".dockerignore"))
	for _, path := range strings.Split(read(".gitignore"), "\n") {
		if strings.HasPrefix(path, "/") && !slices.Contains(ignored, path) {
			t.Errorf(".gitignore names %s, .dockerignore does not", path)
		}
	}
}
