package lab

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"fashionlatent/lib/backend"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/record"
	"fashionlatent/lib/show"
	"fashionlatent/lib/training"

	"golang.org/x/sync/errgroup"
)

// memoryPerRun is the memory that each further run needs, in bytes, rounded up: for the program, for its copy of the images,
// and for the weights next to them with the optimizer's moments. The reference VAE on 60,000 images took 0.35 GB.
func memoryPerRun(l *Lab) int {
	first := 512 // nodes of the first layer
	if len(l.Scale.Hidden) > 0 {
		first = l.Scale.Hidden[0]
	}
	return 400e6 + 2*(len(l.Data.Train.Images)+len(l.Data.Test.Images)) + 80*l.Data.Pixels()*first
}

// AtOnce is the number of runs that are trained at the same time: Options.Jobs, else one per core, or one on a GPU.
// Runs of one thread each use the cores better than one run of several threads, because the threads of a run wait for
// each other at each of its small products. The runs use at most half of the free memory, except that there is always
// at least one run.
func AtOnce(l *Lab) int {
	n := l.runsAtOnce
	if n == 0 {
		n = runtime.GOMAXPROCS(0)
		if l.Backend.Kind == backend.XLACUDA {
			n = 1 // one run keeps the GPU busy
		}
	}
	if free := record.FreeMemory(); free > 0 {
		n = min(n, int(free)/2/memoryPerRun(l))
	}
	return max(1, n)
}

// Prepare trains the runs that are missing, several at the same time. The results are those of one after another, up to
// the rounding that depends on a backend's threads.
func Prepare(ctx context.Context, l *Lab, jobs []Job) error {
	var missing []Job
	var data []*dataset.Dataset // of each missing run
	for _, j := range jobs {
		run, d, there, err := l.Finished(j)
		if err != nil {
			return err
		}
		if there {
			continue
		}
		if begun, err := run.Manifest(); err == nil && j.Threads == 0 { // an error is left to Fit
			j.Threads = begun.Threads // so that it ends with the same bits
		}
		missing, data = append(missing, j), append(data, d)
	}
	if len(missing) == 0 {
		return nil
	}
	started := time.Now()
	defer func() { l.Trained += time.Since(started) }()
	board := &board{lines: make([]string, len(missing)), steps: make([]int, len(missing))}
	total := 0
	for i, j := range missing {
		total += j.Config.Epochs * (data[i].Train.Len() / j.Config.Batch)
	}
	together := min(len(missing), AtOnce(l))
	board.progress = show.NewProgress(l.Out, fmt.Sprintf("%d runs, %d at once", len(missing), together), total, "steps")
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(together)
	ended := make([]error, len(missing))
	var finished atomic.Int64
	for i, j := range missing {
		group.Go(func() (err error) {
			defer func() { ended[i] = err }()
			n, cores := j.Threads, runtime.GOMAXPROCS(0)
			if n == 0 || n > cores { // more threads than cores would wait for each other
				n = threads(i, len(missing), together, cores)
			}
			b, err := backend.OpenThreads(n) // runs on the same backend would wait for each other
			if err != nil {
				return err
			}
			defer b.Close()
			_, err = training.Fit(ctx, b, data[i], j.Config, training.Options{
				Runs: l.Runs, Snapshots: j.Snapshots, SaveEvery: l.saveEvery,
				Say:      board.progress.Say,
				Progress: func(p training.Progress) { board.update(i, j.Config, p) },
			})
			if err == nil {
				finished.Add(1)
				board.end(i, j.Config.Epochs*(data[i].Train.Len()/j.Config.Batch))
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		board.progress.Done("stopped")
		there := len(jobs) - len(missing) + int(finished.Load())
		// Each run that had begun reports what is kept of it. Runs that had not begun report nothing.
		if all := slices.DeleteFunc(ended, func(e error) bool { return !errors.As(e, new(*training.StoppedError)) }); len(all) > 0 {
			err = errors.Join(all...)
		}
		return &UnfinishedError{there, len(jobs), err}
	}
	board.progress.Done("trained")
	return nil
}

// UnfinishedError is the error of runs that were not all trained.
type UnfinishedError struct {
	Finished, Of int // runs that are finished and kept, of all that are needed
	cause        error
}

func (e *UnfinishedError) Error() string {
	if e.Finished == 0 {
		return e.cause.Error()
	}
	return fmt.Sprintf("%v\n%d of %d runs are finished and kept", e.cause, e.Finished, e.Of)
}

func (e *UnfinishedError) Unwrap() error { return e.cause }

// Kept says whether work that ended with an error has left something from which the same work continues: a run that is
// finished, or a checkpoint.
func Kept(err error) bool {
	var unfinished *UnfinishedError
	if errors.As(err, &unfinished) && unfinished.Finished > 0 {
		return true
	}
	some, none := false, true
	var walk func(err error)
	walk = func(err error) {
		if stopped, is := err.(*training.StoppedError); is {
			some, none = true, none && stopped.Done == 0
			return
		}
		switch of := err.(type) {
		case interface{ Unwrap() []error }:
			for _, e := range of.Unwrap() {
				walk(e)
			}
		case interface{ Unwrap() error }:
			walk(of.Unwrap())
		}
	}
	walk(err)
	return !some || !none
}

// threads is the number of threads of run i of n, counted from 0: the cores divided by the number of runs at the same
// time. If the last runs are fewer than that, they share the cores among themselves.
func threads(i, n, atOnce, cores int) int {
	beside := atOnce
	if last := n % atOnce; i >= n-last {
		beside = last
	}
	return max(1, cores/beside)
}

// board shows the progress of several runs in one line.
type board struct {
	mu       sync.Mutex
	progress *show.Progress
	lines    []string // of each run; "" if it is not being trained now
	steps    []int    // steps that each run has done
}

func (b *board) update(i int, c training.Config, p training.Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.steps[i] = p.Step
	b.lines[i] = fmt.Sprintf("%v, seed %d: epoch %d of %d, train %.1f %s", c.Model, c.Seed, p.Epoch, p.Epochs, p.Train.Total(), c.LossUnit())
	if p.Step == p.Steps {
		b.lines[i] = ""
	}
	b.show()
}

// end takes a run from the board. Early stopping may have left out some of its steps.
func (b *board) end(i, steps int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.steps[i], b.lines[i] = steps, ""
	b.show()
}

func (b *board) show() {
	done := 0
	var active []string
	for k, line := range b.lines {
		done += b.steps[k]
		if line != "" {
			active = append(active, line)
		}
	}
	b.progress.Update(done, strings.Join(active, " | "))
}
