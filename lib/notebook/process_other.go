//go:build !unix

package notebook

import (
	"context"
	"os/exec"
)

// runTree runs a command, and kills it when ctx is cancelled.
func runTree(ctx context.Context, cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { cmd.Process.Kill() })()
	return cmd.Wait()
}
