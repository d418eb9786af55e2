//go:build cluster

package sweep_test

import (
	"bufio"
	"bytes"
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

	"fashionlatent/experiments/lab"
	"fashionlatent/lib/record"
)

// The runs: 6 of them, long enough to be stopped half way.
const (
	experiment = "latent-size"
	scale      = "smoke,seeds=1,epochs=60"
	epochs     = 60
	count      = 6
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

// A run has the same weights whether it is trained beside others in one program, in a process of its own under
// Snakemake on this machine, or on a Slurm cluster on which a node fails half way and a job fails permanently.
func TestSameEverywhere(t *testing.T) {
	in := func(name string) runs { return runs(filepath.Join(folder, name)) }

	jobs := in("jobs")
	timed(t, "with -jobs 2, and the table", func() {
		must(t, exec.Command(program, "experiment", experiment, "-scale", scale, "-jobs", "2", "-results", string(jobs)))
	})
	want := jobs.weights(t)
	if len(want) != count {
		t.Fatalf("%d runs, want %d", len(want), count)
	}

	workstation, slurm := in("workstation"), in("slurm")
	timed(t, "Snakemake on this machine, and the table", func() {
		staged(t, must(t, sweep("workstation", workstation, "--cores", "2", "--set-threads", "train=1")), workstation)
	})
	timed(t, "Slurm, and the table", func() { onSlurm(t, slurm) })
	for _, r := range []runs{workstation, slurm} {
		if got := r.weights(t); !maps.Equal(got, want) {
			t.Errorf("%s:\n%v\nwant, as with -jobs:\n%v", r, got, want)
		}
		if got, want := r.table(t), jobs.table(t); !bytes.Equal(got, want) {
			t.Errorf("the table of %s:\n%s\nwant, as with -jobs:\n%s", r, got, want)
		}
	}
}

// The profile for Kubernetes makes the same plan. There is no Kubernetes here to execute it.
func TestKubernetesProfile(t *testing.T) {
	results := runs(filepath.Join(folder, "kubernetes"))
	out := must(t, sweep("kubernetes", results, "--default-storage-prefix", string(results), "--dry-run",
		"--config", "root="+root, "experiment="+experiment, "scale="+scale, "results="+string(results)))
	if want := regexp.MustCompile(fmt.Sprintf(`(?m)^train +%d$`, count)); !want.Match(out) {
		t.Errorf("no %d jobs to train in:\n%s", count, out)
	}
}

// onSlurm executes the runs on a cluster of two nodes. It kills one node half way, and one run fails until its folder
// is repaired.
func onSlurm(t *testing.T, r runs) {
	c := newCluster(t)
	all := r.plan(t)
	broken := all[count-1]
	manifest := filepath.Join(broken.Folder, "manifest.json")
	if err := os.MkdirAll(broken.Folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(manifest, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}

	var said bytes.Buffer
	first := sweep("slurm", r, "--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "1", "--latency-wait", "5",
		"--set-threads", "train=1", "table=1", "--set-resources", "train:mem_mb=500", "table:mem_mb=1000")
	first.Env, first.Stdout, first.Stderr = c.env, &said, &said
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- first.Wait() }()
	killed := c.killHalfWay(t, r, ended)
	for run, left := range killed {
		t.Logf("killed on node one: %s, after epoch %d", run, left.epoch)
	}
	if err := <-ended; err == nil {
		t.Error("a run failed for good, and Snakemake did not")
	}
	staged(t, said.Bytes(), r)

	// The job that failed permanently is reported with its log. The others are finished.
	for _, want := range []string{manifest + " is damaged", r.log(broken.Run)} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("Snakemake did not report %q:\n%s", want, &said)
		}
	}
	before := map[string][]byte{}
	for _, p := range r.plan(t) {
		if p.Done != (p.Run != broken.Run) {
			t.Errorf("%s: done %v", p.Run, p.Done)
		}
		if p.Done {
			before[p.Folder] = read(t, filepath.Join(p.Folder, "manifest.json"))
		}
	}
	if t.Failed() {
		t.Fatalf("Snakemake said:\n%s", &said)
	}

	// Both nodes trained runs, and node two completed those that were killed on node one. Every epoch was trained once,
	// except those after the last checkpoint of a killed run.
	completed := c.training(t, "CD")
	on := map[string]int{}
	for _, node := range completed {
		on[node]++
	}
	if on["one"] == 0 || on["two"] == 0 || len(completed) != count-1 {
		t.Errorf("%v jobs were completed, want %d in all and some on each node", on, count-1)
	}
	for _, p := range all {
		if p.Run == broken.Run {
			continue
		}
		left, was := killed[p.Run]
		if was && completed[p.Run] != "two" {
			t.Errorf("%s was killed on node one and completed on node %q, want two", p.Run, completed[p.Run])
		}
		r.trainedOnce(t, p.Run, left)
	}

	if err := os.RemoveAll(broken.Folder); err != nil { // as the report advises
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

// staged checks in Snakemake's output that one job staged the data set and that all existing runs read it.
func staged(t *testing.T, said []byte, r runs) {
	t.Helper()
	if n := bytes.Count(said, []byte("\nlocalrule data:")); n != 1 {
		t.Errorf("%d jobs staged the data, want 1:\n%s", n, said)
	}
	copies, err := filepath.Glob(filepath.Join(string(r), "data", "*", "fashion-mnist"))
	if err != nil || len(copies) != 1 {
		t.Fatalf("the data lie in %q, want one place; %v", copies, err)
	}
	for _, p := range r.plan(t) {
		if command := r.manifest(t, p.Run).Command; p.Done && !slices.Contains(command, copies[0]) {
			t.Errorf("%s was trained by %q, want from %s", p.Run, command, copies[0])
		}
	}
}

// runs is a folder of results.
type runs string

func (r runs) plan(t *testing.T) (all []lab.Planned) {
	t.Helper()
	out := must(t, exec.Command(program, "experiment", experiment, "-plan", "-scale", scale, "-results", string(r)))
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		p, err := lab.ReadPlanned(bytes.NewReader(lines.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

func (r runs) folder(run string) string { return filepath.Join(string(r), "runs", run) }

// log is the log of a run's last job.
func (r runs) log(run string) string {
	return filepath.Join(string(r), "sweeps", experiment+"-"+scale, "log", run+".log")
}

func (r runs) table(t *testing.T) []byte {
	t.Helper()
	return read(t, filepath.Join(string(r), scale, experiment, "table.csv"))
}

// manifest is the manifest of a run. It is empty if there is none that can be read.
func (r runs) manifest(t *testing.T, run string) record.Manifest {
	t.Helper()
	loaded, err := record.Open("").Load(r.folder(run))
	if err != nil {
		return record.Manifest{}
	}
	m, _ := loaded.Manifest()
	return m
}

// weights are the checksums of the runs' weights. All runs were trained in one place.
func (r runs) weights(t *testing.T) map[string]string {
	t.Helper()
	sums := map[string]string{}
	place := ""
	for _, p := range r.plan(t) {
		m := r.manifest(t, p.Run)
		if place == "" {
			place = m.Place()
		}
		if m.State != record.Finished || m.Epochs != epochs || m.WeightsSHA256 == "" || m.Place() != place || len(m.Earlier) > 0 {
			t.Errorf("want %d epochs on %s, got %+v", epochs, place, m)
		}
		sums[p.Run] = m.WeightsSHA256
	}
	return sums
}

// left is the state in which a killed job left its run.
type left struct {
	epoch   int    // of its newest checkpoint, 0 if there is none
	history []byte // up to that epoch
}

func (r runs) checkpoint(run string) (newest int) {
	files, _ := filepath.Glob(filepath.Join(r.folder(run), "checkpoints", "epoch-*.npz"))
	for _, file := range files {
		var epoch int
		fmt.Sscanf(filepath.Base(file), "epoch-%d.npz", &epoch)
		newest = max(newest, epoch)
	}
	return newest
}

func (r runs) left(t *testing.T, run string) left {
	t.Helper()
	l := left{epoch: r.checkpoint(run)}
	if l.epoch > 0 {
		rows := bytes.SplitAfter(read(t, filepath.Join(r.folder(run), "history.csv")), []byte("\n"))
		l.history = bytes.Join(rows[:l.epoch+1], nil) // after the header
	}
	return l
}

// trainedOnce checks that the last job of a run trained exactly the epochs that the job before had left. Its log states
// after which epoch it continued. The history contains the time of each epoch. It must begin with the rows that were
// there before, and have one row for each epoch.
func (r runs) trainedOnce(t *testing.T, run string, before left) {
	t.Helper()
	log, history := string(read(t, r.log(run))), read(t, filepath.Join(r.folder(run), "history.csv"))
	from := 0
	if _, rest, on := strings.Cut(log, "continues after epoch "); on {
		fmt.Sscan(rest, &from)
	}
	if strings.Contains(log, "found, not trained again") {
		from = epochs
	}
	if starts := strings.Count(log, "backend "); starts != 1 || from != before.epoch {
		t.Errorf("%s: %d starts, want 1, after epoch %d, want %d:\n%s", run, starts, from, before.epoch, log)
	}
	if !bytes.HasPrefix(history, before.history) || bytes.Count(history, []byte("\n")) != 1+epochs {
		t.Errorf("%s: history.csv has not %d epochs, or does not begin as when the run was killed:\n%s\nwas:\n%s", run, epochs, history, before.history)
	}
}

// sweep runs Snakemake with a profile.
func sweep(profile string, r runs, more ...string) *exec.Cmd {
	here := filepath.Join(root, "experiments", "sweep")
	args := []string{"--snakefile", filepath.Join(here, "Snakefile"), "--profile", filepath.Join(here, profile), "--directory", string(r),
		"--config", "experiment=" + experiment, "scale=" + scale, "results=" + string(r), "train=-save-every 200ms", "retries=1"}
	return exec.Command(snakemake, append(args, more...)...)
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// must runs a command to its end and returns its output, including its error output.
func must(t *testing.T, cmd *exec.Cmd) []byte {
	t.Helper()
	var said bytes.Buffer
	out := &said
	if cmd.Path == program {
		out = new(bytes.Buffer) // a plan is read from standard output
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
