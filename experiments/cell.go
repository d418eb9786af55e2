package experiments

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"fashionlatent/experiments/lab"
	"fashionlatent/lib/show"
)

// Lab is [lab.Lab]: a backend, a data set and a store of runs.
type Lab = lab.Lab

// Cell is the body of a notebook's cell. It opens a lab and calls f. If f fails, the process prints the error and exits
// with 1, or with 130 after an interruption. The context ends when the cell is interrupted.
func Cell(f func(ctx context.Context, lab *Lab) error) {
	// The interrupt comes twice, from Jupyter and from the kernel. The second one must not kill a cell that is about to end, so
	// that signals are caught until the process ends.
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := func() error {
		l, err := lab.Open(ctx, lab.Options{})
		if err != nil {
			return err
		}
		defer l.Close()
		return errors.Join(f(ctx, l), show.Flush())
	}()
	if err != nil {
		if errors.Is(err, context.Canceled) {
			fmt.Fprintln(os.Stderr, "interrupted:", err)
			os.Exit(130)
		}
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
