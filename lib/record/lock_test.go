package record

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The test binary, started again with this variable, is one of several processes that want the run in the folder named
// there.
const childFolder = "RECORD_TEST_FOLDER"

func TestMain(m *testing.M) {
	if folder := os.Getenv(childFolder); folder != "" {
		if err := child(folder, os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func child(folder, task string) error {
	run, err := Open(filepath.Dir(folder)).Load(folder)
	if err != nil {
		return err
	}
	switch task {
	case "hold": // it reports, then holds the run until it is killed
		if _, err := run.Lock(context.Background(), nil); err != nil {
			return err
		}
		fmt.Println("holding")
		time.Sleep(time.Hour)
	case "take turns":
		for range 3 {
			if err := turn(run); err != nil {
				return err
			}
		}
	case "score":
		for i := range 3 {
			if err := run.AddScores(scored(fmt.Sprint(os.Getpid(), "-", i), 1, "")); err != nil {
				return err
			}
		}
	}
	return nil
}

// turn writes its begin and, a little later, its end to the run's log, while it holds the lock.
func turn(run *Run) (err error) {
	release, err := run.Lock(context.Background(), nil)
	if err != nil {
		return err
	}
	defer release()
	log, err := os.OpenFile(run.path("log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	if _, err := fmt.Fprintln(log, "begin", os.Getpid()); err != nil {
		return err
	}
	time.Sleep(5 * time.Millisecond)
	_, err = fmt.Fprintln(log, "end", os.Getpid())
	return err
}

func childCommand(t *testing.T, run *Run, task string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, task)
	cmd.Env = append(os.Environ(), childFolder+"="+run.Folder())
	cmd.Stderr = os.Stderr
	return cmd
}

// together runs the task in 8 processes at the same time.
func together(t *testing.T, run *Run, task string) {
	t.Helper()
	var children []*exec.Cmd
	for range 8 {
		cmd := childCommand(t, run, task)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		children = append(children, cmd)
	}
	for _, cmd := range children {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
}

// holding starts a process that holds the run, and returns its number and a function that kills it.
func holding(t *testing.T, run *Run) (pid int, kill func()) {
	t.Helper()
	cmd := childCommand(t, run, "hold")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = sync.OnceFunc(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	t.Cleanup(kill)
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "holding\n" {
		t.Fatalf("the child says %q, %v", line, err)
	}
	return cmd.Process.Pid, kill
}

func TestLockBetweenProcesses(t *testing.T) {
	_, run := created(t)
	together(t, run, "take turns")
	content, err := os.ReadFile(run.path("log"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	if len(lines) != 2*8*3 {
		t.Fatalf("%d lines, want 48", len(lines))
	}
	for i := 0; i < len(lines); i += 2 {
		begin, isBegin := strings.CutPrefix(lines[i], "begin ")
		end, isEnd := strings.CutPrefix(lines[i+1], "end ")
		if !isBegin || !isEnd || begin != end {
			t.Fatalf("lines %d and %d are %q and %q, want the begin and end of one process", i+1, i+2, lines[i], lines[i+1])
		}
	}
}

func TestLockBetweenGoroutines(t *testing.T) {
	_, run := created(t)
	var holders atomic.Int32
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			release, err := run.Lock(t.Context(), nil)
			if err != nil {
				t.Error(err)
				return
			}
			if n := holders.Add(1); n != 1 {
				t.Errorf("%d hold the run", n)
			}
			time.Sleep(time.Millisecond)
			holders.Add(-1)
			release()
			release() // a second call does nothing, whoever holds the run by then
		})
	}
	all.Wait()
	if content, err := os.ReadFile(run.path("run.lock")); err != nil || len(content) != 0 {
		t.Errorf("the lock of nobody says %q, %v", content, err)
	}
}

func TestLockFolder(t *testing.T) {
	folder := t.TempDir()
	var holders atomic.Int32
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			release := LockFolder(folder)
			if n := holders.Add(1); n != 1 {
				t.Errorf("%d hold the folder", n)
			}
			time.Sleep(time.Millisecond)
			holders.Add(-1)
			release()
		})
	}
	all.Wait()
	if files, err := os.ReadDir(folder); err != nil || len(files) != 0 {
		t.Errorf("the folder holds %v afterwards (%v)", files, err)
	}
	LockFolder(filepath.Join(folder, "missing"))() // what cannot be locked is not waited for
}

func TestLockOfAKilledProcess(t *testing.T) {
	_, run := created(t)
	pid, kill := holding(t, run)
	var told []string
	release, err := run.Lock(t.Context(), func(holder string) {
		told = append(told, holder)
		kill()
	})
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if want := fmt.Sprint("process ", pid); len(told) != 1 || told[0] != want {
		t.Errorf("was told %q, want %q once", told, want)
	}
}

func TestLockIsCancelled(t *testing.T) {
	_, run := created(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	release, err := run.Lock(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = run.Lock(ctx, func(string) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
	wantError(t, err, run.path("run.lock"), fmt.Sprint("held by process ", os.Getpid()))
	release()
	if _, err := run.Lock(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a free lock and a cancelled context: %v", err)
	}
	if release, err = run.Lock(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	release()
}

func TestLockWithoutAFolder(t *testing.T) {
	run := newRun(t, Open(t.TempDir()), "vae", someRecipe)
	_, err := run.Lock(t.Context(), nil)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want a file that does not exist", err)
	}
	wantError(t, err, run.Folder())
}

func TestLockOfARemovedFile(t *testing.T) {
	for _, again := range []bool{false, true} {
		_, run := created(t)
		release, err := run.Lock(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = run.Lock(t.Context(), func(string) {
			os.Remove(run.path("run.lock"))
			if again {
				overwrite(t, run, "run.lock", "")
			}
			release()
		})
		wantError(t, err, run.path("run.lock"))
	}
}

func TestScoresOfManyProcesses(t *testing.T) {
	_, run := created(t)
	together(t, run, "score")
	scores, err := run.Scores()
	if err != nil || len(scores) != 8*3 {
		t.Errorf("%d scores, %v; want 24", len(scores), err)
	}
}
