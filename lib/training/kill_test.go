package training_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/fashion"
	"fashionlatent/lib/fashion/fashiontest"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

// In a child process of TestKilledRunGoesOnToTheSameBits, this variable names the folder of runs, and the one after it
// that of the data.
const (
	childRuns = "FASHIONLATENT_TEST_RUNS"
	childData = "FASHIONLATENT_TEST_DATA"
)

func TestMain(m *testing.M) {
	if folder := os.Getenv(childRuns); folder != "" {
		if err := child(folder); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// long is a training of many short epochs.
func long() training.Config {
	c := tiny(autoencoder.VAE, 11)
	c.Epochs = 150
	return c
}

// child trains, with a checkpoint after every epoch, and says when it has begun an epoch.
func child(folder string) error {
	ctx := context.Background()
	data, err := fashion.Load(ctx, fashion.Source{Folder: os.Getenv(childData)})
	if err != nil {
		return err
	}
	b, err := backend.Open()
	if err != nil {
		return err
	}
	fmt.Println("ready")
	_, err = training.Fit(ctx, b, data, long(), training.Options{
		Runs: record.Open(folder), Snapshots: []int{0, 40, 90}, SaveEvery: 1,
		Say: func(s string) { fmt.Println(s) }, Progress: func(training.Progress) { fmt.Println("step") },
	})
	return err
}

// A process that is killed at 20 random moments, writing of checkpoints included, ends with the same bits as one that is
// left alone.
func TestKilledRunGoesOnToTheSameBits(t *testing.T) {
	folder := fashiontest.Folder(t)
	data, err := fashion.Load(context.Background(), fashion.Source{Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, b *backend.Backend) {
		kills := 20
		if b.Kind != backend.Go || testing.Short() {
			kills = 5 // each start compiles anew
		}
		whole := fit(t, b, data, long(), training.Options{Runs: record.Open(t.TempDir()), Snapshots: []int{0, 40, 90}})
		runs := t.TempDir()
		random := rand.New(rand.NewPCG(1, 2))
		for range kills {
			process := exec.Command(os.Args[0])
			process.Env = append(os.Environ(), childRuns+"="+runs, childData+"="+folder)
			out, err := process.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := process.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(out)
			for steps := random.IntN(60); steps > 0 && lines.Scan(); {
				if lines.Text() == "step" {
					steps--
				}
			}
			time.Sleep(time.Duration(random.IntN(3000)) * time.Microsecond)
			process.Process.Kill()
			process.Wait()
		}
		var said []string
		ended := fit(t, b, data, long(), training.Options{
			Runs: record.Open(runs), Snapshots: []int{0, 40, 90}, Say: func(s string) { said = append(said, s) },
		})
		if len(said) == 0 || !strings.Contains(said[0], "goes on after epoch") {
			t.Errorf("after the kills it said %q", said)
		}
		if whole.Model.Weights.SHA256() != ended.Model.Weights.SHA256() {
			t.Error("the killed run has other weights")
		}
		if !slices.Equal(withoutSeconds(whole.History), withoutSeconds(ended.History)) {
			t.Error("the killed run has another history")
		}
		if !slices.Equal(sorted(whole.Measures), sorted(ended.Measures)) {
			t.Error("the killed run has other measures")
		}
		for _, epoch := range []int{0, 40, 90} {
			a, err1 := whole.Snapshot(epoch)
			b, err2 := ended.Snapshot(epoch)
			if err1 != nil || err2 != nil || a.Weights.SHA256() != b.Weights.SHA256() {
				t.Errorf("the killed run has another snapshot of epoch %d (%v, %v)", epoch, err1, err2)
			}
		}
	})
}
