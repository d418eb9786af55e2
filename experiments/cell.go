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

// Lab is the place where runs are made and found.
type Lab = lab.Lab

// Cell is the body of a notebook's cell: it opens a lab, calls f and, if that fails, ends the cell with the error. Its
// context ends when the cell is interrupted.
func Cell(f func(ctx context.Context, lab *Lab) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
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
