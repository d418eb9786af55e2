//go:build unix

package notebook

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// grace is the time that a process has to end after it was asked to, before it is killed.
const grace = 5 * time.Second

// runTree runs a command. When ctx is cancelled, it asks the command to end, which lets Jupyter stop its kernel. It
// then kills all processes under it that are left. Kernels have process groups of their own, so it is not enough to
// kill one group. A process that is just starting may still change its group, so that processes are killed one by one, too. The output of the command must go to files. A pipe would be waited for as long as any remaining
// process holds it open.
func runTree(ctx context.Context, cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		select {
		case <-ended:
		case <-ctx.Done():
			under := processesUnder(cmd.Process.Pid)
			syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
			select {
			case <-ended:
			case <-time.After(grace):
			}
			syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			for _, p := range under {
				if p.group > 1 {
					syscall.Kill(-p.group, syscall.SIGKILL)
				}
				if now, err := readProcess(p.pid); err == nil && now.start == p.start { // no other process has its number now
					syscall.Kill(p.pid, syscall.SIGKILL)
				}
			}
		}
	}()
	err := cmd.Wait()
	close(ended)
	<-stopped
	return err
}

// process is a process as /proc describes it (on Linux).
type process struct {
	pid, parent, group int
	start              string // when it started; it tells processes apart that have had the same number
}

func readProcess(pid int) (process, error) {
	content, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return process{}, err
	}
	// The line is "pid (name) state parent group ...". The name may contain any character, even brackets.
	fields := strings.Fields(string(content[strings.LastIndexByte(string(content), ')')+1:]))
	if len(fields) < 20 {
		return process{}, fmt.Errorf("/proc/%d/stat has %d fields after the name, want 20 or more", pid, len(fields))
	}
	p := process{pid: pid, start: fields[19]}
	p.parent, _ = strconv.Atoi(fields[1])
	p.group, _ = strconv.Atoi(fields[2])
	return p, nil
}

// processesUnder returns the descendants of a process, if /proc has them.
func processesUnder(pid int) (all []process) {
	children := map[int][]process{}
	stats, _ := filepath.Glob("/proc/[0-9]*")
	for _, folder := range stats {
		child, _ := strconv.Atoi(filepath.Base(folder))
		if p, err := readProcess(child); err == nil { // otherwise the process has ended in the meantime
			children[p.parent] = append(children[p.parent], p)
		}
	}
	for todo := []int{pid}; len(todo) > 0; todo = todo[1:] {
		for _, c := range children[todo[0]] {
			todo = append(todo, c.pid)
			all = append(all, c)
		}
	}
	return all
}
