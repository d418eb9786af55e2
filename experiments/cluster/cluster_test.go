//go:build cluster

package cluster_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"fashionlatent/experiments"
)

// What is run: 12 runs, long enough to be stopped on the way.
const (
	scale  = "smoke,seeds=3,epochs=40"
	epochs = 40
	count  = 12
)

var (
	root      = absolute("../..")
	program   = filepath.Join(root, "bin", "fashionlatent")
	snakemake = filepath.Join(root, ".venv-cluster", "bin", "snakemake")
)

func absolute(path string) string {
	path, err := filepath.Abs(path)
	if err != nil {
		panic(err)
	}
	return path
}

// One run has the same weights however it came about: alone, beside others in one program, under Snakemake on this machine,
// and on a Slurm cluster on which a node fails half way and a job fails for good.
func TestSameEverywhere(t *testing.T) {
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }

	alone := in("alone")
	timed(t, "alone, one after another", func() {
		for _, p := range plan(t, alone) {
			line, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			train := exec.Command(program, "train", "-config", "-", "-results", alone)
			train.Stdin = bytes.NewReader(line)
			must(t, train)
		}
	})
	want := weights(t, alone)
	if len(want) != count {
		t.Fatalf("%d runs, want %d", len(want), count)
	}
	same := func(where string) {
		t.Helper()
		if got := weights(t, in(where)); !maps.Equal(got, want) {
			t.Errorf("%s:\n%v\nwant, as alone:\n%v", where, got, want)
		}
	}

	timed(t, "with -jobs 2, and the table", func() {
		must(t, exec.Command(program, "experiment", "comparison", "-scale", scale, "-jobs", "2", "-results", in("jobs")))
	})
	same("jobs")

	timed(t, "Snakemake on this machine, and the table", func() {
		must(t, sweep("workstation", in("workstation"), "--cores", "2", "--set-threads", "train=1"))
	})
	same("workstation")

	timed(t, "Slurm, and the table", func() { onSlurm(t, in("slurm")) })
	same("slurm")
	for _, where := range []string{"workstation", "slurm"} {
		if got, want := table(t, in(where)), table(t, in("jobs")); !bytes.Equal(got, want) {
			t.Errorf("the table of %s:\n%s\nwant, as with -jobs:\n%s", where, got, want)
		}
	}
}

// The profile for Kubernetes makes the same plan; there is no Kubernetes here to carry it out.
func TestKubernetesProfile(t *testing.T) {
	results := t.TempDir()
	out := must(t, sweep("kubernetes", results, "--default-storage-prefix", results, "--config", "root="+root, "experiment=comparison", "scale="+scale, "results="+results, "--dry-run"))
	if want := regexp.MustCompile(`(?m)^train +12$`); !want.Match(out) {
		t.Errorf("no 12 jobs to train in:\n%s", out)
	}
}

// onSlurm sweeps on a cluster of two nodes, takes one away half way, and lets one run fail until it is mended.
func onSlurm(t *testing.T, results string) {
	c := newCluster(t)
	all := plan(t, results)
	broken := all[count-1]
	manifest := filepath.Join(broken.Folder, "manifest.json")
	if err := os.MkdirAll(broken.Folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(manifest, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}

	var said bytes.Buffer
	first := sweep("slurm", results, "--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "3", "--latency-wait", "5",
		"--set-threads", "train=1", "table=2", "--set-resources", "train:mem_mb=500", "table:mem_mb=1000")
	first.Env, first.Stdout, first.Stderr = c.env, &said, &said
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- first.Wait() }()
	killed := c.killHalfWay(t, results, ended)
	t.Logf("killed node one, and on it %v", killed)
	if err := <-ended; err == nil {
		t.Error("a run failed for good, and Snakemake did not")
	}
	logs := filepath.Join(results, "sweeps", "comparison-"+scale, "log")
	for _, want := range []string{manifest + " is damaged", filepath.Join(logs, broken.Run+".log")} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("Snakemake did not report %q:\n%s", want, &said)
		}
	}
	for node, done := range c.completed(t) {
		if done == 0 {
			t.Errorf("no job was completed on node %s", node)
		}
	}
	before := map[string][]byte{}
	for _, p := range plan(t, results) {
		if p.Done != (p.Run != broken.Run) {
			t.Errorf("%s: done %v", p.Run, p.Done)
		}
		if p.Done {
			before[p.Folder] = read(t, filepath.Join(p.Folder, "manifest.json"))
		}
		if p.Run != broken.Run {
			after, was := killed[p.Run]
			trainedOnce(t, filepath.Join(logs, p.Run+".log"), was, after)
		}
	}
	if t.Failed() {
		t.Fatalf("Snakemake said:\n%s", &said)
	}

	if err := os.RemoveAll(broken.Folder); err != nil { // as the report says
		t.Fatal(err)
	}
	again := exec.Command(first.Args[0], first.Args[1:]...)
	again.Env = c.env
	out := must(t, again)
	if want := regexp.MustCompile(`(?m)^train +1$`); !want.Match(out) {
		t.Errorf("not the one run that was missing was trained:\n%s", out)
	}
	for folder, manifest := range before {
		if !bytes.Equal(manifest, read(t, filepath.Join(folder, "manifest.json"))) {
			t.Errorf("%s was touched again", folder)
		}
	}
}

// trainedOnce reads the log that the last job of a run left: it trained all of it, which it would not if there had been a
// checkpoint of an earlier one; or, where its node was killed, went on from the checkpoint that was there, of an epoch, or a
// newer one.
func trainedOnce(t *testing.T, log string, killed bool, after int) {
	t.Helper()
	text := string(read(t, log))
	ends := strings.Count(text, fmt.Sprintf(" %d epochs, train", epochs))
	starts := strings.Count(text, "backend ")
	on := 0
	if i := strings.Index(text, "goes on after epoch "); i >= 0 {
		fmt.Sscanf(text[i:], "goes on after epoch %d", &on)
	}
	if ends != 1 || starts != 1 || !killed && on > 0 || on < after {
		t.Errorf("killed %v after epoch %d: %d starts, %d ends, went on after epoch %d:\n%s", killed, after, starts, ends, on, text)
	}
}

// sweep is Snakemake with a profile.
func sweep(profile, results string, more ...string) *exec.Cmd {
	here := filepath.Join(root, "experiments", "cluster")
	args := []string{"--snakefile", filepath.Join(here, "Snakefile"), "--profile", filepath.Join(here, profile), "--directory", results,
		"--config", "experiment=comparison", "scale=" + scale, "results=" + results, "train=-save-every 200ms", "retries=1"}
	return exec.Command(snakemake, append(args, more...)...)
}

func plan(t *testing.T, results string) (all []experiments.Planned) {
	t.Helper()
	out := must(t, exec.Command(program, "experiment", "comparison", "-plan", "-scale", scale, "-results", results))
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		p, err := experiments.ReadPlanned(bytes.NewReader(lines.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// weights are the checksums of the finished runs' weights.
func weights(t *testing.T, results string) map[string]string {
	t.Helper()
	sums := map[string]string{}
	for _, p := range plan(t, results) {
		var m struct {
			WeightsSHA256 string `json:"weights_sha256"`
		}
		if err := json.Unmarshal(read(t, filepath.Join(p.Folder, "manifest.json")), &m); err != nil || m.WeightsSHA256 == "" {
			t.Errorf("%s: weights_sha256 %q, %v", p.Folder, m.WeightsSHA256, err)
		}
		sums[p.Run] = m.WeightsSHA256
	}
	return sums
}

func table(t *testing.T, results string) []byte {
	t.Helper()
	return read(t, filepath.Join(results, scale, "comparison", "table.csv"))
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// must runs a command to its end and returns what it printed, with what it said.
func must(t *testing.T, cmd *exec.Cmd) []byte {
	t.Helper()
	var said bytes.Buffer
	out := &said
	if cmd.Path == program {
		out = new(bytes.Buffer) // a plan is read
	}
	cmd.Stdout, cmd.Stderr = out, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("%q: %v\n%s", cmd.Args, err, &said)
	}
	return out.Bytes()
}

func timed(t *testing.T, what string, f func()) {
	t.Helper()
	started := time.Now()
	f()
	t.Logf("%s: %.0f s", what, time.Since(started).Seconds())
}

// cluster is a Slurm cluster of two nodes, one and two, on this machine's loopback.
type cluster struct {
	folder string
	env    []string // of its commands
}

var nodes = []string{"one", "two"}

const configuration = `
ClusterName=loopback
SlurmctldHost=localhost
SlurmctldPort=17817
SlurmUser=%[2]s
SlurmdUser=%[2]s
AuthType=auth/munge
AuthInfo=socket=%[1]s/munge/socket,cred_expire=5
StateSaveLocation=%[1]s/state
SlurmdSpoolDir=%[1]s/spool-%%n
SlurmctldPidFile=%[1]s/slurmctld.pid
SlurmdPidFile=%[1]s/slurmd-%%n.pid
SlurmctldLogFile=%[1]s/slurmctld.log
SlurmdLogFile=%[1]s/slurmd-%%n.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
SlurmdParameters=config_overrides
SlurmdTimeout=10
KillWait=2
MinJobAge=900
NodeName=one NodeHostname=localhost NodeAddr=127.0.0.1 Port=17818 CPUs=2 RealMemory=8000
NodeName=two NodeHostname=localhost NodeAddr=127.0.0.1 Port=17819 CPUs=2 RealMemory=8000
PartitionName=all Nodes=one,two Default=YES MaxTime=INFINITE State=UP
`

func newCluster(t *testing.T) *cluster {
	t.Helper()
	folder, err := os.MkdirTemp("", "slurm") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{folder: folder}
	conf := filepath.Join(folder, "slurm.conf")
	user := strings.TrimSpace(string(must(t, exec.Command("id", "-un"))))
	// Snakemake's job steps forget SLURM_CONF, which says where this cluster is; others are found in /etc/slurm.
	srun, err := exec.LookPath("srun")
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"slurm.conf": fmt.Sprintf(configuration, folder, user),
		"munge/key":  strings.Repeat(fmt.Sprintln(time.Now().UnixNano()), 8),
		"bin/srun":   fmt.Sprintf("#!/bin/sh\nSLURM_CONF=%s exec %s \"$@\"\n", conf, srun),
	} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(folder, "state"), 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "bin") + ":" + os.Getenv("PATH") + ":/usr/sbin"
	c.env = append(os.Environ(), "SLURM_CONF="+conf, "PATH="+path)
	t.Setenv("PATH", path)
	t.Cleanup(func() { c.takeDown(t) })

	munge := filepath.Join(folder, "munge")
	must(t, exec.Command("munged", "--force", "--key-file="+munge+"/key", "--socket="+munge+"/socket", "--pid-file="+munge+"/pid",
		"--log-file="+munge+"/log", "--seed-file="+munge+"/seed"))
	must(t, c.command("slurmctld"))
	for _, node := range nodes {
		slurmd := c.command("slurmd", "-N", node)
		slurmd.Env = append(slurmd.Env, "SLURMD_NODENAME="+node) // as its jobs have it, by which they are found
		must(t, slurmd)
	}
	for range 60 {
		if out, err := c.command("sinfo", "-h", "-N", "-o", "%N %T").Output(); err == nil && strings.Count(string(out), " idle") == len(nodes) {
			return c
		}
		time.Sleep(500 * time.Millisecond)
	}
	for _, log := range []string{"slurmctld", "slurmd-one", "slurmd-two"} {
		content, _ := os.ReadFile(filepath.Join(folder, log+".log"))
		t.Logf("%s:\n%s", log, content)
	}
	t.Fatal("the cluster's nodes did not get ready")
	return nil
}

func (c *cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env = c.env
	return cmd
}

// queue lists the jobs in a state, all if it is "", each as the words of a format.
func (c *cluster) queue(t *testing.T, state, format string) [][]string {
	t.Helper()
	if state == "" {
		state = "all"
	}
	var jobs [][]string
	for line := range strings.Lines(string(must(t, c.command("squeue", "-h", "-t", state, "-o", format)))) {
		jobs = append(jobs, strings.Fields(line))
	}
	return jobs
}

// completed counts the jobs that were completed on each node.
func (c *cluster) completed(t *testing.T) map[string]int {
	t.Helper()
	all := map[string]int{}
	for _, node := range nodes {
		all[node] = 0
	}
	for _, job := range c.queue(t, "CD", "%N") {
		all[job[0]]++
	}
	return all
}

// killHalfWay waits until some runs are finished, on node one too, and another is half trained there; then it kills the node,
// with all that runs on it. It returns the epochs of the checkpoints that the killed runs had, 0 for none.
func (c *cluster) killHalfWay(t *testing.T, results string, ended <-chan error) map[string]int {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		select {
		case err := <-ended:
			t.Fatalf("Snakemake ended before a node was killed: %v", err)
		default:
		}
		if done := c.completed(t); done["one"] < 2 || done["one"]+done["two"] > count/2+2 {
			continue
		}
		killed, half := map[string]int{}, false
		for _, job := range c.queue(t, "R", "%N %k") {
			run := job[len(job)-1]
			if job[0] != "one" {
				continue
			}
			run = run[strings.LastIndex(run, "_")+1:]
			killed[run] = newestCheckpoint(results, run)
			half = half || killed[run] > 0 && killed[run] < epochs/2
		}
		if half {
			c.kill(t, "one")
			return killed
		}
	}
	t.Fatal("no moment came at which a run on node one was half trained")
	return nil
}

func newestCheckpoint(results, run string) int {
	newest := 0
	files, _ := filepath.Glob(filepath.Join(results, "runs", run, "checkpoints", "epoch-*.npz"))
	for _, file := range files {
		var epoch int
		fmt.Sscanf(filepath.Base(file), "epoch-%d.npz", &epoch)
		newest = max(newest, epoch)
	}
	return newest
}

// kill kills every process of a node; "" stands for all of the cluster.
func (c *cluster) kill(t *testing.T, node string) {
	t.Helper()
	own := os.Getpid()
	for range 20 {
		found := 0
		folders, _ := filepath.Glob("/proc/[0-9]*")
		for _, folder := range folders {
			var pid int
			fmt.Sscan(filepath.Base(folder), &pid)
			env, _ := os.ReadFile(filepath.Join(folder, "environ"))
			line, _ := os.ReadFile(filepath.Join(folder, "cmdline"))
			if pid == own || !c.owns(env, line, node) {
				continue
			}
			found++
			if process, err := os.FindProcess(pid); err == nil {
				process.Kill()
			}
		}
		if found == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("processes of node %q do not die", node)
}

// owns says whether a process with an environment and a command line is one of the cluster's, on the node.
func (c *cluster) owns(env, line []byte, node string) bool {
	words := strings.Split(string(env), "\x00")
	if !slices.Contains(words, "SLURM_CONF="+filepath.Join(c.folder, "slurm.conf")) && !bytes.Contains(line, []byte(c.folder)) {
		return false
	}
	return node == "" || slices.Contains(words, "SLURMD_NODENAME="+node)
}

// takeDown ends the cluster and removes what it left.
func (c *cluster) takeDown(t *testing.T) {
	c.kill(t, "")
	if err := os.RemoveAll(c.folder); err != nil {
		t.Error(err)
	}
}
