//go:build cluster

package sweep_test

import (
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// cluster is a Slurm cluster of two nodes, one and two, on the loopback interface of this machine.
type cluster struct {
	folder string
	env    []string // of its commands
}

var nodes = []string{"one", "two"}

// %[1]s is the cluster's folder, %[2]s the user, and then the ports of the controller and of the nodes.
const configuration = `
ClusterName=loopback
SlurmctldHost=localhost
SlurmctldPort=%[3]d
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
NodeName=one NodeHostname=localhost NodeAddr=127.0.0.1 Port=%[4]d CPUs=1 RealMemory=8000
NodeName=two NodeHostname=localhost NodeAddr=127.0.0.1 Port=%[5]d CPUs=1 RealMemory=8000
PartitionName=all Nodes=one,two Default=YES MaxTime=INFINITE State=UP
`

// newCluster starts a cluster. The guard ends it.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{folder: filepath.Join(folder, "cluster")}
	conf := filepath.Join(c.folder, "slurm.conf")
	user := strings.TrimSpace(string(must(t, exec.Command("id", "-un"))))
	// Snakemake's job steps lose SLURM_CONF, which says where this cluster is. Other clusters are found in /etc/slurm.
	srun, err := exec.LookPath("srun")
	if err != nil {
		t.Fatal(err)
	}
	port := freePorts(t)
	for name, content := range map[string]string{
		"slurm.conf": fmt.Sprintf(configuration, c.folder, user, port[0], port[1], port[2]),
		"munge/key":  rand.Text() + rand.Text(), // the daemons listen on all addresses, and accept only what is signed with it
		"bin/srun":   fmt.Sprintf("#!/bin/sh\nSLURM_CONF=%s exec %s \"$@\"\n", conf, srun),
	} {
		path := filepath.Join(c.folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(c.folder, "state"), 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(c.folder, "bin") + ":" + os.Getenv("PATH") + ":/usr/sbin"
	t.Setenv("PATH", path)
	c.env = append(os.Environ(), "SLURM_CONF="+conf)

	munge := filepath.Join(c.folder, "munge")
	must(t, exec.Command("munged", "--force", "--key-file="+munge+"/key", "--socket="+munge+"/socket", "--pid-file="+munge+"/pid",
		"--log-file="+munge+"/log", "--seed-file="+munge+"/seed"))
	must(t, c.command("slurmctld"))
	for _, node := range nodes {
		slurmd := c.command("slurmd", "-N", node)
		slurmd.Env = append(slurmd.Env, "SLURMD_NODENAME="+node) // its jobs have it too, and are found by it
		must(t, slurmd)
	}
	for range 60 {
		if out, err := c.command("sinfo", "-h", "-N", "-o", "%N %T").Output(); err == nil && strings.Count(string(out), " idle") == len(nodes) {
			return c
		}
		time.Sleep(500 * time.Millisecond)
	}
	for _, log := range []string{"slurmctld", "slurmd-one", "slurmd-two"} {
		content, _ := os.ReadFile(filepath.Join(c.folder, log+".log"))
		t.Logf("%s:\n%s", log, content)
	}
	t.Fatal("the cluster's nodes did not get ready")
	return nil
}

// freePorts finds three ports on which nobody listens.
func freePorts(t *testing.T) (ports [3]int) {
	t.Helper()
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	return ports
}

func (c *cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env = c.env
	return cmd
}

// training lists the runs whose jobs are in a state, with the node of each.
func (c *cluster) training(t *testing.T, state string) map[string]string {
	t.Helper()
	on := map[string]string{}
	for line := range strings.Lines(string(must(t, c.command("squeue", "-h", "-t", state, "-o", "%N %k")))) {
		node, comment, _ := strings.Cut(strings.TrimSpace(line), " ")
		if _, run, found := strings.Cut(comment, "rule_train_wildcards_"); found {
			on[run] = node
		}
	}
	return on
}

// killHalfWay waits until a run is finished on node one and another is half trained there. It then kills the node with all its
// processes, and returns the state of the killed run.
func (c *cluster) killHalfWay(t *testing.T, store runs, ended <-chan error) map[string]left {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		select {
		case err := <-ended:
			t.Fatalf("Snakemake ended before a node was killed: %v", err)
		default:
		}
		onOne, done := 0, c.training(t, "CD")
		for _, node := range done {
			if node == "one" {
				onOne++
			}
		}
		if onOne < 1 || len(done) > count*2/3 {
			continue
		}
		killed, half := map[string]left{}, false
		for run, node := range c.training(t, "R") {
			if node == "one" {
				killed[run] = left{}
				epoch := store.checkpoint(run)
				half = half || epoch > 0 && epoch < epochs*3/4
			}
		}
		if !half {
			continue
		}
		if err := kill("one"); err != nil {
			t.Fatal(err)
		}
		for run := range killed {
			killed[run] = store.left(t, run)
		}
		return killed
	}
	t.Fatal("no moment came at which a run on node one was half trained")
	return nil
}
