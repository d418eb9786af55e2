package notebook

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Prepare runs a shell command in a folder, such as one that installs what Execute needs. If command is "", it does
// nothing. If the command fails, the error contains its output. When ctx is cancelled, all processes of the command are
// ended.
func Prepare(ctx context.Context, folder, command string) error {
	if command == "" {
		return nil
	}
	said, err := os.CreateTemp("", "prepare-")
	if err != nil {
		return err
	}
	defer os.Remove(said.Name())
	defer said.Close()
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = folder
	cmd.Stdout, cmd.Stderr = said, said
	err = runTree(ctx, cmd)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		text, _ := os.ReadFile(said.Name())
		return fmt.Errorf("the notebooks cannot be executed: %s failed (%w):\n%s", command, err, strings.TrimSpace(string(text)))
	}
	return nil
}
