package training_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/backend/backendtest"
	"fashionlatent/lib/fashion"
	"fashionlatent/lib/fashion/fashiontest"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

// In a child process of a test, these variables name the folder of runs, the folder of the data, and the seed of the
// run.
const (
	childRuns = "FASHIONLATENT_TEST_RUNS"
	childData = "FASHIONLATENT_TEST_DATA"
	childSeed = "FASHIONLATENT_TEST_SEED"
)

func TestMain(m *testing.M) {
	if folder := os.Getenv(childRuns); folder != "" {
		os.Exit(child(folder))
	}
	os.Exit(m.Run())
}

// long is a training of many short epochs.
func long(seed uint64) training.Config {
	c := tiny(autoencoder.VAE, seed)
	c.Epochs = 80
	return c
}

// keptEpochs are the epochs whose weights the children keep.
var keptEpochs = []int{0, 20, 50}

// child trains when its standard input ends, with a checkpoint after every epoch. It prints when it is ready, the
// messages of Fit, each step, and at the end whether it "trained" or "found" the run, with the checksum of the weights.
// If it is asked to stop, it exits with 130.
func child(folder string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var seed uint64
	fmt.Sscan(os.Getenv(childSeed), &seed)
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
	err := func() error {
		data, err := fashion.Load(ctx, fashion.Source{Path: os.Getenv(childData)})
		if err != nil {
			return err
		}
		b, err := backend.Open()
		if err != nil {
			return err
		}
		r, err := training.Fit(ctx, b, data, long(seed), training.Options{
			Runs: record.Open(folder), Snapshots: keptEpochs, SaveEvery: 1,
			Say: func(s string) { fmt.Println(s) }, Progress: func(training.Progress) { fmt.Println("step") },
		})
		if err != nil {
			return err
		}
		what := "trained"
		if r.Found {
			what = "found"
		}
		fmt.Println(what, r.Model.Weights.SHA256())
		return nil
	}()
	switch {
	case ctx.Err() != nil:
		fmt.Println(err)
		return 130
	case err != nil:
		fmt.Println(err)
		return 1
	}
	return 0
}

// childOf prepares a child process.
func childOf(runs, data string, seed uint64) *exec.Cmd {
	process := exec.Command(os.Args[0])
	process.Env = append(os.Environ(), childRuns+"="+runs, childData+"="+data, childSeed+"="+fmt.Sprint(seed))
	return process
}

// temporaries lists the files in a run's folder that are being written, or were being written when their process was
// killed.
func temporaries(run *record.Run) []string {
	var all []string
	for _, pattern := range []string{".*.tmp", "checkpoints/.*.tmp"} {
		files, _ := filepath.Glob(filepath.Join(run.Folder(), pattern))
		all = append(all, files...)
	}
	return all
}

// A process that is stopped at random moments by SIGKILL, SIGTERM and SIGINT, also while it writes checkpoints, ends
// with the same result to the bit as one without interruptions.
func TestStoppedProcessGoesOnToTheSameBits(t *testing.T) {
	folder := fashiontest.Folder(t)
	data, err := fashion.Load(context.Background(), fashion.Source{Path: folder})
	if err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, b *backend.Backend) {
		stops := 20
		if testing.Short() {
			stops = 4
		} else if b.Loops() { // each process compiles the network
			stops = 12
		}
		c := long(11)
		whole := fit(t, b, data, c, training.Options{Runs: record.Open(t.TempDir()), Snapshots: keptEpochs})
		runs := t.TempDir()
		run, err := training.RunOf(record.Open(runs), data, c)
		if err != nil {
			t.Fatal(err)
		}
		random := rand.New(rand.NewPCG(1, 2))
		whileWriting := 0
		for i := range stops {
			process := childOf(runs, folder, c.Seed)
			out, err := process.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := process.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(out)
			for steps := 1 + random.IntN(30); steps > 0 && lines.Scan(); {
				if lines.Text() == "step" {
					steps--
				}
			}
			switch i % 4 {
			case 0, 1: // killed as soon as an incomplete file is seen
				for deadline := time.Now().Add(time.Second); len(temporaries(run)) == 0 && time.Now().Before(deadline); {
				}
				process.Process.Kill()
				process.Wait()
				if len(temporaries(run)) > 0 {
					whileWriting++
				}
			case 2:
				time.Sleep(time.Duration(random.IntN(3000)) * time.Microsecond)
				process.Process.Kill()
				process.Wait()
			case 3:
				process.Process.Signal([]os.Signal{syscall.SIGTERM, os.Interrupt}[i/4%2])
				last := ""
				for lines.Scan() {
					last = lines.Text()
				}
				process.Wait()
				if code := process.ProcessState.ExitCode(); code != 130 || !strings.Contains(last, "of 80 is kept, and the same command continues from there") {
					t.Errorf("asked to stop, a process exited with %d and said %q", code, last)
				}
			}
		}
		if whileWriting == 0 {
			t.Error("no process was killed while it wrote a checkpoint")
		}
		t.Logf("%d of %d stops were kills in the middle of a file", whileWriting, stops)
		var said []string
		ended := fit(t, b, data, c, training.Options{
			Runs: record.Open(runs), Snapshots: keptEpochs, Say: func(s string) { said = append(said, s) },
		})
		if len(said) != 1 || !strings.Contains(said[0], "continues after epoch") {
			t.Errorf("after the kills it said %q", said)
		}
		sameRun(t, whole, ended)
		if left := temporaries(run); len(left) > 0 {
			t.Errorf("left half-written: %q", left)
		}
	})
}

// sameRun checks that a run has the same weights, history, scores and snapshots as another one, in memory and in its
// folder.
func sameRun(t *testing.T, want, got *training.Result) {
	t.Helper()
	if want.Model.Weights.SHA256() != got.Model.Weights.SHA256() {
		t.Error("it has other weights")
	}
	if !slices.Equal(withoutSeconds(want.History), withoutSeconds(got.History)) {
		t.Error("it has another history")
	}
	if !slices.Equal(sorted(want.Scores), sorted(got.Scores)) {
		t.Error("it has other scores")
	}
	if history, err := got.Run.History(); err != nil || !slices.Equal(withoutSeconds(history), withoutSeconds(want.History)) {
		t.Errorf("its folder has another history, %v", err)
	}
	if scores, err := got.Run.Scores(); err != nil || !slices.Equal(sorted(scores), sorted(want.Scores)) {
		t.Errorf("its folder has other scores, %v", err)
	}
	manifest, err := got.Run.Manifest()
	if err != nil || manifest.State != record.Finished || manifest.WeightsSHA256 != want.Model.Weights.SHA256() || manifest.Epochs != want.Config.Epochs {
		t.Errorf("its manifest is %+v, %v", manifest, err)
	}
	for _, epoch := range manifest.Snapshots {
		a, err1 := want.Snapshot(epoch)
		b, err2 := got.Snapshot(epoch)
		if err1 != nil || err2 != nil || a.Weights.SHA256() != b.Weights.SHA256() {
			t.Errorf("it has another snapshot of epoch %d (%v, %v)", epoch, err1, err2)
		}
	}
}

// Eight processes want three runs at the same time. Each run is trained by one process, and the others that want it
// wait.
func TestEightProcessesOfThreeRuns(t *testing.T) {
	folder, runs := fashiontest.Folder(t), t.TempDir()
	b := backendtest.Go(t)
	data, err := fashion.Load(context.Background(), fashion.Source{Path: folder})
	if err != nil {
		t.Fatal(err)
	}
	type one struct {
		*exec.Cmd
		seed  uint64
		start io.Closer
		lines *bufio.Scanner
	}
	var all []one
	for i := range 8 {
		p := one{seed: uint64(i % 3)}
		p.Cmd = childOf(runs, folder, p.seed)
		start, err1 := p.StdinPipe()
		out, err2 := p.StdoutPipe()
		if err := errors.Join(err1, err2, p.Start()); err != nil {
			t.Fatal(err)
		}
		p.start, p.lines = start, bufio.NewScanner(out)
		all = append(all, p)
	}
	for _, p := range all {
		p.lines.Scan() // ready
	}
	for _, p := range all {
		p.start.Close()
	}
	trained, found, waited := map[uint64]int{}, map[uint64]int{}, 0
	sums := map[uint64]string{}
	for seed := range uint64(3) {
		sums[seed] = fit(t, b, data, long(seed), training.Options{}).Model.Weights.SHA256()
	}
	for _, p := range all {
		last := ""
		for p.lines.Scan() {
			last = p.lines.Text()
			if strings.Contains(last, "is training run vae-d2-e80-s") && strings.Contains(last, "waiting for it") {
				waited++
			}
		}
		if err := p.Wait(); err != nil {
			t.Errorf("%v: %s", err, last)
		}
		switch last {
		case "trained " + sums[p.seed]:
			trained[p.seed]++
		case "found " + sums[p.seed]:
			found[p.seed]++
		default:
			t.Errorf("the process of seed %d ended with %q, want the weights %s", p.seed, last, sums[p.seed])
		}
	}
	for seed, processes := range []int{3, 3, 2} {
		if seed := uint64(seed); trained[seed] != 1 || found[seed] != processes-1 {
			t.Errorf("run %d was trained %d times and found %d times, want 1 and %d", seed, trained[seed], found[seed], processes-1)
		}
	}
	if waited == 0 {
		t.Error("nobody said that it waited")
	}
}
