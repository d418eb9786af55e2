//go:build cluster

package sweep_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// folder holds everything that the tests leave. Every process that they start has its name in its environment.
var folder string

const (
	markVariable  = "FASHIONLATENT_CLUSTER"
	guardVariable = "FASHIONLATENT_CLUSTER_GUARD"
)

// The tests run under a guard. It is this program again. It waits until the tests end, in any way, and then removes
// everything that they left.
func TestMain(m *testing.M) {
	if folder = os.Getenv(guardVariable); folder != "" {
		signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
		io.Copy(io.Discard, os.Stdin)
		if err := takeDown(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	code, err := guarded(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func guarded(m *testing.M) (code int, err error) {
	if folder, err = os.MkdirTemp("", "sweep"); err != nil { // short, because the path of a socket must be short
		return 0, err
	}
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	var said bytes.Buffer
	guard := exec.Command(self)
	guard.Env = append(os.Environ(), guardVariable+"="+folder)
	guard.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // so that Ctrl-C does not reach it
	guard.Stderr = &said
	alive, err := guard.StdinPipe()
	if err != nil {
		return 0, err
	}
	if err := guard.Start(); err != nil {
		return 0, err
	}
	os.Setenv(markVariable, folder)
	go func() { // go test may end this program without notice
		for parent := os.Getppid(); os.Getppid() == parent; time.Sleep(time.Second) {
		}
		os.Exit(1)
	}()
	code = m.Run()
	alive.Close()
	if err := guard.Wait(); err != nil {
		return 0, fmt.Errorf("the tests' processes and files were not all taken down: %w, %s", err, &said)
	}
	return code, nil
}

// takeDown kills the processes that the tests started, and removes the files that they wrote.
func takeDown() error {
	if err := kill(""); err != nil {
		return err
	}
	return os.RemoveAll(folder)
}

// kill kills the processes that the tests started on a node of the cluster, or all of them if it is "".
func kill(node string) error {
	var left []int
	for range 100 {
		if left = processes(node); len(left) == 0 {
			return nil
		}
		for _, pid := range left {
			syscall.Kill(pid, syscall.SIGKILL)
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("processes %v do not die", left)
}

// processes finds the processes of the tests by their environment: on a node, or on all if it is "".
func processes(node string) (found []int) {
	environments, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range environments {
		content, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		ours := bytes.Contains(content, []byte("="+folder)) // in the mark, or in the place of Slurm's configuration, which is all that its steps have
		there := node == "" || bytes.Contains(content, []byte("\x00SLURMD_NODENAME="+node+"\x00"))
		var pid int
		if _, err := fmt.Sscanf(path, "/proc/%d/environ", &pid); err == nil && ours && there && pid != os.Getpid() {
			found = append(found, pid)
		}
	}
	return found
}
