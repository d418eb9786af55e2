package training_test

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/backend/backendtest"
	"fashionlatent/lib/fashion/fashiontest"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

// childDump is set in the child process of TestStepProgram.
const childDump = "FASHIONLATENT_TEST_DUMP"

// reference is one step of a model with the layers of the reference.
func reference(model string) training.Config {
	c := training.Default(autoencoder.Default(model, 2), 1)
	c.Epochs, c.Batch = 1, 32
	return c
}

// The program that XLA compiles for a training step copies no matrix of weights or moments. Each is changed in place,
// and a matrix and its two moments are computed in one pass.
func TestStepProgram(t *testing.T) {
	if os.Getenv(childDump) == "" {
		backendtest.XLA(t) // or skip
		dump := t.TempDir()
		again := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		// XLA reads its flags only once in a process.
		again.Env = append(os.Environ(), childDump+"="+dump, "XLA_FLAGS="+os.Getenv("XLA_FLAGS")+" --xla_dump_hlo_as_text --xla_dump_to="+dump)
		if out, err := again.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		files, err := filepath.Glob(filepath.Join(dump, "*_backend_*Steps*cpu_after_optimizations.txt"))
		if err != nil || len(files) != 2 {
			t.Fatalf("%d programs of training steps (%v), want one of each model", len(files), err)
		}
		for _, file := range files {
			program, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			checkProgram(t, string(program))
		}
		return
	}
	data := fashiontest.Tiny(t)
	b := backendtest.XLA(t)
	for _, model := range []string{autoencoder.AE, autoencoder.VAE} {
		fit(t, b, data, reference(model), training.Options{})
	}
}

func checkProgram(t *testing.T, program string) {
	t.Helper()
	body, _, _ := strings.Cut(program, "\nENTRY ") // the entry copies its arguments, once per call
	matrices := []string{`784,512`, `512,256`, `256,512`, `512,784`}
	for _, dims := range matrices {
		f32 := `f32\[` + dims + `\]\S*`
		if copies := regexp.MustCompile(`.*= `+f32+` copy\(.*`).FindAllString(body, -1); len(copies) > 0 {
			t.Errorf("copies:\n%s", strings.Join(copies, "\n"))
		}
		passes := regexp.MustCompile(`= \(`+f32+` `+f32+` `+f32+`\) fusion\(`).FindAllString(body, -1)
		if len(passes) != 1 {
			t.Errorf("[%s]: %d passes make weights and both moments, want 1", dims, len(passes))
		}
	}
}

// Runs with the same number of threads are equal to the bit, and the manifest says the number. With another number they
// agree up to rounding.
func TestThreads(t *testing.T) {
	data, all := fashiontest.Tiny(t), backendtest.XLA(t)
	one, err := backend.OpenThreads(1)
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	c := reference(autoencoder.VAE)
	c.Epochs, c.Batch = 3, 20
	train := func(b *backend.Backend) *training.Result {
		r := fit(t, b, data, c, training.Options{Runs: record.Open(t.TempDir())})
		if m, err := r.Run.Manifest(); err != nil || m.Threads != b.Threads {
			t.Errorf("the manifest says %d threads (%v), want %d", m.Threads, err, b.Threads)
		}
		return r
	}
	first, again, many := train(one), train(one), train(all)
	if got, want := again.Model.Weights.SHA256(), first.Model.Weights.SHA256(); got != want {
		t.Errorf("weights %.12s with one thread, %.12s again", want, got)
	}
	if one.Threads != 1 || all.Threads != runtime.NumCPU() {
		t.Errorf("%d and %d threads, want 1 and one for each of %d cores", one.Threads, all.Threads, runtime.NumCPU())
	}
	for i, h := range many.History {
		if got, want := h.Test.Total(), first.History[i].Test.Total(); math.Abs(got-want) > 1e-3*want {
			t.Errorf("epoch %d: loss on test images %v with %d threads, %v with one", h.Epoch, got, all.Threads, want)
		}
	}
}

// In pure Go, the number of threads does not change the result.
func TestThreadsOfGo(t *testing.T) {
	data, b := fashiontest.Tiny(t), backendtest.Go(t)
	c := reference(autoencoder.VAE)
	c.Epochs, c.Batch = 3, 20
	weights := func(threads int) string {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
		return fit(t, b, data, c, training.Options{}).Model.Weights.SHA256()
	}
	if one, four := weights(1), weights(4); one != four {
		t.Errorf("weights %.12s with one thread, %.12s with four", one, four)
	}
}
