//go:build unix

package notebook

import (
	"context"
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
// kill one group. The output of the command must go to files. A pipe would be waited for as long as any remaining
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
			groups := groupsUnder(cmd.Process.Pid)
			syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
			select {
			case <-ended:
			case <-time.After(grace):
			}
			for _, g := range groups {
				syscall.Kill(-g, syscall.SIGKILL)
			}
		}
	}()
	err := cmd.Wait()
	close(ended)
	<-stopped
	return err
}

// groupsUnder returns the process groups of a process and its descendants, if /proc has them (on Linux). Otherwise it
// returns only the process's own group.
func groupsUnder(pid int) []int {
	type process struct{ pid, group int }
	children := map[int][]process{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		content, err := os.ReadFile(file)
		if err != nil {
			continue // the process has ended in the meantime
		}
		// The line is "pid (name) state parent group ...". The name may contain any character, even brackets.
		fields := strings.Fields(string(content[strings.LastIndexByte(string(content), ')')+1:]))
		if len(fields) < 3 {
			continue
		}
		child, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		parent, _ := strconv.Atoi(fields[1])
		group, _ := strconv.Atoi(fields[2])
		children[parent] = append(children[parent], process{child, group})
	}
	groups := []int{pid}
	for todo := []int{pid}; len(todo) > 0; todo = todo[1:] {
		for _, c := range children[todo[0]] {
			todo = append(todo, c.pid)
			if c.group > 1 {
				groups = append(groups, c.group)
			}
		}
	}
	return groups
}
