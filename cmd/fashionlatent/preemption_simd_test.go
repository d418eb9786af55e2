//go:build goexperiment.simd && amd64 && linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// The program runs without asynchronous preemption, keeps other settings of GODEBUG, and respects one of preemption.
func TestWithoutPreemption(t *testing.T) {
	for _, c := range []struct{ had, want string }{
		{"", "asyncpreemptoff=1"},
		{"gctrace=0", "gctrace=0,asyncpreemptoff=1"},
		{"asyncpreemptoff=0", "asyncpreemptoff=0"},
	} {
		program := exec.Command(os.Args[0], "train", "-config", "-")
		program.Env = append(os.Environ(), asProgram+"=1", "GODEBUG="+c.had)
		in, err := program.StdinPipe() // for which it waits
		if err == nil {
			err = program.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		has := func() bool {
			environment, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", program.Process.Pid))
			return err == nil && strings.Contains("\x00"+string(environment), "\x00GODEBUG="+c.want+"\x00")
		}
		for deadline := time.Now().Add(10 * time.Second); !has(); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Errorf("with GODEBUG=%s, the program does not run with %s", c.had, c.want)
				break
			}
		}
		in.Close()
		program.Wait()
	}
}
