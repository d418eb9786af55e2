package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/subject"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/fashion/fashiontest"
	"fashionlatent/lib/generate"
	"fashionlatent/lib/npz"
	"fashionlatent/lib/training"
)

// program runs a command line on the pure Go backend and returns its status and its output.
func program(t *testing.T, ctx context.Context, args ...string) (status int, out, errOut string) {
	t.Helper()
	t.Setenv(backend.EnvVar, backend.Go)
	var o, e bytes.Buffer
	status = run(ctx, args, &o, &e)
	return status, o.String(), e.String()
}

func TestWrongUse(t *testing.T) {
	for _, c := range []struct {
		args   string
		status int
		says   string
	}{
		{"", wrongUse, "usage: fashionlatent COMMAND"},
		{"help", success, "experiment"},
		{"paint", wrongUse, `no command "paint"`},
		{"train -h", success, "example: fashionlatent train -model vae"},
		{"trian", wrongUse, `no command "trian"; did you mean train?`},
		{"train -epochs many", wrongUse, `-epochs is "many", want a whole number`},
		{"train -epoch 3", wrongUse, "there is no flag -epoch; did you mean -epochs?"},
		{"train -epochs", wrongUse, "-epochs is given without a value, want a whole number"},
		{"train -flip=x", wrongUse, `-flip is "x", want -flip alone, or -flip=true or -flip=false`},
		{"train -seed -1", wrongUse, `-seed is "-1", want a whole number from 0`},
		{"train -beta x", wrongUse, `-beta is "x", want a number`},
		{"train -save-every 3", wrongUse, `-save-every is "3", want a time with its unit, such as 30s or 5m`},
		{"train -data", wrongUse, "-data is given without a value, want a path"},
		{"train -activation rellu", wrongUse, "did you mean relu?"},
		{"train -loss bcee", wrongUse, "did you mean bce?"},
		{"train -scale fulll", wrongUse, "did you mean full?"},
		{"experiment comparsion", wrongUse, "did you mean comparison?"},
		{"experiment -scale fulll", wrongUse, "did you mean full?"},
		{"experiment -add", wrongUse, "-add is given without the name of an experiment"},
		{"notebooks -timeout 0s", wrongUse, "-timeout is 0s, want more than 0"},
		{"notebooks -jobs -3", wrongUse, "-jobs is -3, want 0 or more"},
		{"experiment comparison -k 999", wrongUse, "number of clusters is 999"},
		{"experiment loss -plan -add -within 1h", wrongUse, "-plan trains nothing"},
		{"sample -n 0", wrongUse, "-n is 0, want 1 or more"},
		{"train -save-every -5s", wrongUse, "-save-every is -5s, want 0 or more"},
		{"notebooks -fix 4-comparsion", wrongUse, "did you mean 4-comparison?"},
		{"notebooks 4-comparsion", wrongUse, "did you mean 4-comparison?"},
		{"runs -filter moddel=ae", wrongUse, `runs have no property "moddel"`},
		{"runs -filter latent>two", wrongUse, `the filter has the word "latent>two", want a number after >`},
		{"runs -filter hidden>100", wrongUse, "hidden has no order"},
		{"runs -filter model!", wrongUse, "want a comparison such as model=vae"},
		{"runs -sort -sizes", wrongUse, "did you mean size?"},
		{"runs -results /nowhere", success, "there are no runs in /nowhere/runs"},
		{"-version", success, "commit  "},
		{"train -model gan", wrongUse, `model is "gan", want "ae" or "vae"`},
		{"train -latent 0", wrongUse, "latent is 0"},
		{"train -hidden 512,wide", wrongUse, `"wide" is not a number`},
		{"train -scale huge", wrongUse, `"huge"; want one of smoke, quick, full`},
		{"train -data /nowhere", failure, "/nowhere"},
		{"train -model ae -beta 2", wrongUse, "no KL term"},
		{"train now", wrongUse, `"now"`},
		{"embed", wrongUse, "-run is missing"},
		{"embed -run x -out codes.csv", wrongUse, "-out codes.csv: the name ends in .csv; want a name that ends in .npz or .parquet or .tsv, which is what embed writes"},
		{"sample -run x -out s.jpg", wrongUse, "want a name that ends in .png or .npz, which is what sample writes"},
		{"sample -h", success, "-n 10000 -out samples.npz"},
		{"weights -run x -out w.PNG", wrongUse, "ends in .npz"},
		{"explorer -out e.png", wrongUse, "ends in .html"},
		{"embed -run x -split tset", wrongUse, `-split is "tset", want one of`},
		{"embed -run x -out=", wrongUse, `-out is "", want the name of a file`},
		{"experiment surfing", wrongUse, `"surfing"`},
		{"experiment surfing -plan", wrongUse, `"surfing"`},
		{"experiment comparison -plan -scale full,seeds=100000", wrongUse, "seeds=100000 is too much, want at most 1000"},
		{"experiment comparison -plan -scale full,nodes=3", wrongUse, `"nodes=3" is not a valid change`},
		{"experiment loss -add -within soon", wrongUse, `-within is "soon", want a time with its unit`},
		{"experiment loss -add -within -1h", wrongUse, "-within is -1h0m0s, want a time above 0"},
		{"experiment loss -within 1h", wrongUse, "-within limits the time of -add, which is not given"},
		{"train -config /nowhere", failure, "/nowhere"},
		{"train -config /dev/null", wrongUse, "it ends before its JSON value does"},
		{"train -config run.json -epochs 3", wrongUse, "-epochs is given with -config"},
		{"experiment", success, "latent-size"},
		{"notebooks -scale huge", wrongUse, "huge"},
		{"backend", success, "go: GOMLX_BACKEND=go"},
	} {
		status, out, errOut := program(t, context.Background(), strings.Fields(c.args)...)
		if status != c.status || !strings.Contains(out+errOut, c.says) {
			t.Errorf("%q: status %d, want %d and %q in:\n%s%s", c.args, status, c.status, c.says, out, errOut)
		}
	}
}

// A user with a data set of the same format looks at it, trains, finds the run, lists it, embeds, samples and explores.
func TestTrainAndUse(t *testing.T) {
	ctx := context.Background()
	results := t.TempDir()
	data := fashiontest.Folder(t)
	with := func(args ...string) []string { return append(args, "-results", results) }
	must := func(args ...string) (out, errOut string) {
		t.Helper()
		status, out, errOut := program(t, ctx, args...)
		if status != success {
			t.Fatalf("%q: status %d\n%s%s", args, status, out, errOut)
		}
		return out, errOut
	}
	if out, _ := must("data", "-data", data); !strings.Contains(out, "60 training and 20 test images") {
		t.Errorf("data printed %s", out)
	}
	if _, errOut := must("runs", "-results", results); !strings.Contains(errOut, "no runs") {
		t.Errorf("runs of an empty folder: %s", errOut)
	}
	arguments := with("train", "-data", data, "-hidden", "16", "-batch", "20", "-epochs", "3", "-flip", "-shift", "1")
	out, errOut := must(arguments...)
	folder := strings.TrimSpace(out)
	for _, name := range []string{"config.json", "history.csv", "scores.json", "manifest.json", "checkpoints"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			t.Error(err)
		}
	}
	if !strings.Contains(errOut, "epoch 1 of 3") || !strings.Contains(errOut, "cross-entropy + KL") {
		t.Errorf("training told:\n%s", errOut)
	}
	must(with("train", "-data", data, "-model", "ae", "-hidden", "", "-batch", "20", "-epochs", "1")...)
	if out, errOut := must(arguments...); strings.TrimSpace(out) != folder || !strings.Contains(errOut, "found") {
		t.Errorf("the same command again: %s%s", out, errOut)
	}
	out, _ = must(with("train", "-data", data, "-start", filepath.Base(folder), "-samples", "2", "-epochs", "1")...)
	config, err := os.ReadFile(filepath.Join(strings.TrimSpace(out), "config.json"))
	if whole := strings.Join(strings.Fields(string(config)), ""); err != nil || strings.Count(whole, `"hidden":[16]`) != 2 || strings.Count(whole, `"shift":1`) != 2 ||
		strings.Count(whole, `"samples":2`) != 1 || !strings.Contains(whole, `"start":{`) {
		t.Errorf("a run started from another: %s, %v", config, err)
	}
	if status, _, errOut := program(t, ctx, with("train", "-data", data, "-start", filepath.Base(folder), "-hidden", "8")...); status != wrongUse ||
		!strings.Contains(errOut, "[784 16], want") || !strings.Contains(errOut, "[784 8]") {
		t.Errorf("started from a run of other layers, it ended with status %d and said %s", status, errOut)
	}
	if out, _ := must(with("runs")...); !strings.Contains(out, filepath.Base(folder)[:17]) || !strings.Contains(out, "flip") {
		t.Errorf("runs printed\n%s", out)
	}
	embedded := filepath.Join(t.TempDir(), "codes.npz")
	must(with("embed", "-data", data, "-run", filepath.Base(folder), "-out", embedded)...)
	learned := filepath.Join(t.TempDir(), "weights.npz")
	must(with("weights", "-run", filepath.Base(folder), "-out", learned)...)
	reference := autoencoder.Default(autoencoder.VAE, 2)
	reference.Hidden = []int{16}
	if _, err := training.ReadWeights(learned, reference.Variables()); err != nil {
		t.Error(err)
	}
	picture := filepath.Join(t.TempDir(), "samples.png")
	for _, from := range subject.Sources {
		must(with("sample", "-data", data, "-run", folder, "-from", from, "-n", "12", "-out", picture)...)
		if content, err := os.ReadFile(picture); err != nil || !bytes.HasPrefix(content, []byte("\x89PNG")) {
			t.Errorf("samples from %s: %v", from, err)
		}
	}
	sampled := filepath.Join(t.TempDir(), "samples.npz")
	must(with("sample", "-data", data, "-run", folder, "-from", "normal", "-n", "12", "-seed", "3", "-out", sampled)...)
	arrays := readNPZ(t, sampled, "images", "codes")
	images, codes := arrays[0], arrays[1]
	if _, ok := images.Values.([]uint8); !ok || !slices.Equal(images.Shape, []int{12, 28, 28}) {
		t.Errorf("images are %T of the shape %v", images.Values, images.Shape)
	}
	if !slices.Equal(codes.Shape, []int{12, 2}) || !slices.Equal(codes.Values.([]float32), generate.Prior(2).Sample(12, 3)) {
		t.Errorf("codes of the shape %v: %v", codes.Shape, codes.Values)
	}
	page := filepath.Join(t.TempDir(), "new", "explorer.html")
	must(with("explorer", "-data", data, "-scale", "smoke", "-out", page)...)
	if content, err := os.ReadFile(page); err != nil || !bytes.HasPrefix(content, []byte("<!DOCTYPE html>")) {
		t.Errorf("the explorer: %v", err)
	}
	usual, _ := must(with("explorer", "-data", data, "-scale", "smoke")...)
	if _, err := os.Stat(strings.TrimSpace(usual)); err != nil || !strings.HasSuffix(usual, "html/explorer.html\n") {
		t.Errorf("the explorer in its usual place: %q, %v", usual, err)
	}
	if out, _ := must(with("weights", "-run", filepath.Base(folder), "-out", "-")...); !strings.HasPrefix(out, "PK") {
		t.Errorf("the weights on standard output begin with %.20q", out)
	}
	link := filepath.Join(t.TempDir(), "link.npz")
	if err := os.Symlink(learned, link); err != nil {
		t.Fatal(err)
	}
	must(with("weights", "-run", filepath.Base(folder), "-out", link)...)
	if to, err := os.Readlink(link); err != nil || to != learned {
		t.Errorf("the link is replaced: %s, %v", to, err)
	}
	status, _, errOut := program(t, ctx, with("sample", "-data", data, "-run", folder, "-from", "dreams", "-out", picture)...)
	if status != wrongUse || !strings.Contains(errOut, `-from is "dreams"`) {
		t.Errorf("samples from dreams: status %d, %s", status, errOut)
	}
}

// readNPZ reads arrays of an .npz file.
func readNPZ(t *testing.T, path string, names ...string) (arrays []npz.Array) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	archive, err := npz.Open(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		a, err := archive.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		arrays = append(arrays, a)
	}
	return arrays
}

// If each line of a plan is given to train, as a file or by standard input, the result is the runs that the plan names.
func TestPlanAndTrain(t *testing.T) {
	t.Setenv(backend.EnvVar, backend.Go)
	results, data := t.TempDir(), fashiontest.Folder(t)
	where := []string{"-results", results, "-data", data}
	call := func(in string, args ...string) (status int, out, errOut string) {
		var o, e bytes.Buffer
		for _, cmd := range commands() {
			if cmd.name == args[0] {
				status = cmd.execute(context.Background(), append(args[1:], where...), strings.NewReader(in), &output{to: &o}, &e)
			}
		}
		return status, o.String(), e.String()
	}
	plan := func() []string {
		status, out, errOut := call("", "experiment", "epochs", "-plan", "-scale", "smoke,seeds=1")
		if status != success {
			t.Fatal(errOut)
		}
		return slices.Collect(strings.Lines(out))
	}
	lines := plan()
	if len(lines) != 2*2 {
		t.Fatalf("planned %q, want a run of each model at each size", lines)
	}
	for i, line := range lines {
		file := "-"
		if i == 0 {
			file = filepath.Join(t.TempDir(), "run.json")
			if err := os.WriteFile(file, []byte(line), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		status, out, errOut := call(line, "train", "-config", file, "-save-every", "1ns")
		p, err := lab.ReadPlanned(strings.NewReader(line))
		if status != success || err != nil || out != p.Folder+"\n" {
			t.Fatalf("status %d, %v, printed %q, want %s\n%s", status, err, out, p.Folder, errOut)
		}
		for _, epoch := range p.Snapshots[:len(p.Snapshots)-1] { // the weights of the last one are the run's
			if _, err := os.Stat(filepath.Join(p.Folder, "checkpoints", fmt.Sprintf("weights-%05d.npz", epoch))); err != nil {
				t.Errorf("snapshot: %v", err)
			}
		}
	}
	for i, line := range plan() {
		if want := strings.Replace(lines[i], `"done":false`, `"done":true`, 1); line != want {
			t.Errorf("planned again\n%s, want\n%s", line, want)
		}
	}
	for _, c := range []struct {
		in     string
		status int
		says   string
	}{
		{lines[1], success, "found, not trained again"},
		{lines[0] + lines[1], wrongUse, "something follows the JSON value"},
		{strings.Replace(lines[1], `"latent"`, `"latitude"`, 1), wrongUse, `"latitude"`},
		{strings.Replace(lines[1], `"latent":2`, `"latent":0`, 1), wrongUse, "latent is 0"},
		{strings.Replace(lines[1], `"latent":2`, `"latent":3`, 1), failure, "changed by hand"},
		{strings.Replace(lines[1], `"scale":"smoke,seeds=1"`, `"scale":"huge"`, 1), wrongUse, `"huge"`},
		{strings.Replace(lines[1], `"scale":"smoke,seeds=1"`, `"scale":"quick"`, 1), success, "found"}, // both scales take all of the 60 images
	} {
		if status, out, errOut := call(c.in, "train", "-config", "-"); status != c.status || !strings.Contains(errOut, c.says) {
			t.Errorf("%s: status %d, want %d and %q in:\n%s%s", c.in, status, c.status, c.says, out, errOut)
		}
	}
}

// The data set is written once, unchanged.
func TestDataOut(t *testing.T) {
	data, copied := fashiontest.Folder(t), filepath.Join(t.TempDir(), "new", "copy")
	sum := func(args ...string) string {
		status, out, errOut := program(t, context.Background(), append([]string{"data"}, args...)...)
		if status != success {
			t.Fatal(errOut)
		}
		if written := "written  " + copied + "\n"; strings.HasSuffix(out, written) != slices.Contains(args, "-out") {
			t.Errorf("%q: %s", args, out)
		}
		_, sum, _ := strings.Cut(out, "checksum ")
		sum, _, _ = strings.Cut(sum, "written")
		return sum
	}
	want := sum("-data", data, "-out", copied)
	again := sum("-data", copied, "-out", copied)
	if found := sum("-data", copied); found != want || again != want {
		t.Errorf("checksums %s, %s, want %s", found, again, want)
	}
}

// In a child process of a test, the program runs.
const asProgram = "FASHIONLATENT_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// Every command that trains, when interrupted, says what is kept and how to continue, and exits with 130. A shell that
// runs the printed command continues.
func TestInterrupted(t *testing.T) {
	folder := t.TempDir()
	data, program := filepath.Join(folder, "data"), filepath.Join(folder, "fashionlatent")
	if err := os.Symlink(os.Args[0], program); err != nil {
		t.Fatal(err)
	}
	writeData(t, data, 1280)
	t.Setenv(asProgram, "1")
	t.Setenv(backend.EnvVar, backend.Go)
	for _, c := range []struct {
		signal syscall.Signal
		args   []string
	}{
		{syscall.SIGINT, []string{"train", "-hidden", "", "-epochs", "3000", "-save-every", "1ns"}},
		{syscall.SIGTERM, []string{"train", "-hidden", "", "-epochs", "3000", "-save-every", "1ns"}},
		{syscall.SIGINT, []string{"experiment", "comparison"}},
		{syscall.SIGTERM, []string{"run"}},
	} {
		parent := t.TempDir()
		results := filepath.Join(parent, "it's [mine]")
		kept := func() bool { // a checkpoint of a run that is not finished
			found, err := filepath.Glob(filepath.Join(parent, "*", "runs", "*", "checkpoints", "epoch-*.npz"))
			return err == nil && len(found) > 0
		}
		first := exec.Command(program, append(c.args, "-data", data, "-results", results)...)
		said := interrupt(t, first, c.signal, kept)
		last := len(said) - 1
		words := "continue with: "
		if lost := strings.Count(strings.Join(said, "\n"), "nothing of it is kept"); lost > 0 && lost == strings.Count(strings.Join(said, "\n"), "was stopped; ") {
			words = "start again with: "
		}
		command, found := strings.CutPrefix(said[last], words)
		if code := first.ProcessState.ExitCode(); code != interrupted || !found || !strings.Contains(said[last-1], "was stopped; ") {
			t.Errorf("%q: %v, exit status %d, said:\n%s", c.args, c.signal, code, strings.Join(said, "\n"))
			continue
		}
		if c.args[0] != "train" {
			continue
		}
		said = interrupt(t, exec.Command("sh", "-c", "exec env "+command), c.signal, kept)
		if all := strings.Join(said, "\n"); !strings.Contains(all, "continues after epoch") || !strings.Contains(all, "of 3000 is kept, and the same command continues from there") {
			t.Errorf("%s did not go on:\n%s", command, all)
		}
	}
}

// A command that writes everything at its end does not say that something is kept.
func TestInterruptedKeepsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errOut bytes.Buffer
	code := run(ctx, []string{"verify", "-results", filepath.Join("..", "..", "results")}, &out, &errOut)
	if said := errOut.String(); code != interrupted || !strings.Contains(said, "interrupted: nothing was written\nstart again with: ") {
		t.Errorf("exit status %d, said: %s", code, said)
	}
}

// writeData makes a data set of n training images and n test images.
func writeData(t *testing.T, folder string, n int) {
	t.Helper()
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	tiny := fashiontest.Tiny(t).Train
	for _, part := range []string{"train", "t10k"} {
		images := binary.BigEndian.AppendUint32([]byte{0, 0, 8, 3}, uint32(n))
		images = append(images, 0, 0, 0, 28, 0, 0, 0, 28)
		labels := binary.BigEndian.AppendUint32([]byte{0, 0, 8, 1}, uint32(n))
		for i := range n {
			images = append(images, tiny.Image(i%tiny.Len())...)
			labels = append(labels, tiny.Labels[i%tiny.Len()])
		}
		for name, content := range map[string][]byte{"-images-idx3-ubyte": images, "-labels-idx1-ubyte": labels} {
			if err := os.WriteFile(filepath.Join(folder, part+name), content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// interrupt sends a signal when the program is training and ready is true, and returns the lines that it printed.
func interrupt(t *testing.T, program *exec.Cmd, signal os.Signal, ready func() bool) (said []string) {
	t.Helper()
	out, err := program.StderrPipe()
	if err == nil {
		err = program.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	sent := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		said = append(said, lines.Text())
		if !sent && (strings.Contains(lines.Text(), "epoch 1 of") || strings.Contains(lines.Text(), "continues after")) {
			for deadline := time.Now().Add(time.Minute); !ready() && time.Now().Before(deadline); {
				time.Sleep(10 * time.Millisecond)
			}
			program.Process.Signal(signal)
			sent = true
		}
	}
	program.Wait()
	return said
}
