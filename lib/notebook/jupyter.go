package notebook

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"fashionlatent/lib/record"
)

//go:embed page/nbconvert.py
var nbconvertConfig []byte

// jupyter runs the project's nbconvert.
type jupyter struct {
	opts    Options
	program string   // path of nbconvert
	env     []string // environment of the process, and so of the kernel and its cells
	scratch string   // temporary folder, also for the kernels
}

func newJupyter(opts Options) (*jupyter, error) {
	venv := filepath.Join(opts.Root, ".venv")
	program := filepath.Join(venv, "bin", "jupyter-nbconvert")
	if _, err := os.Stat(program); err != nil {
		return nil, fmt.Errorf("the Python environment is not installed, run make setup: %w", err)
	}
	scratch, err := os.MkdirTemp("", "notebooks-")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(scratch, "nbconvert.py"), nbconvertConfig, 0o644); err != nil {
		os.RemoveAll(scratch)
		return nil, err
	}
	return &jupyter{opts, program, append(os.Environ(),
		// As in the Makefile: Jupyter reads and writes nothing in the user's home.
		"JUPYTER_DATA_DIR="+filepath.Join(venv, "share", "jupyter"),
		"JUPYTER_CONFIG_DIR="+filepath.Join(venv, "etc", "jupyter-user"),
		"JUPYTER_RUNTIME_DIR="+filepath.Join(venv, "run"),
		"IPYTHONDIR="+filepath.Join(venv, "ipython"),
		"TMPDIR="+scratch, // so that files of a killed kernel are removed, too
		"FASHIONLATENT_SCALE="+opts.Scale,
		"FASHIONLATENT_RESULTS="+opts.Results,
	), scratch}, nil
}

func (j *jupyter) close() { os.RemoveAll(j.scratch) }

// export makes the page of books[i] unless it is up to date. The error is for anything that is not the notebook's
// fault.
func (j *jupyter) export(ctx context.Context, books []book, i int, common string) (Result, error) {
	b := books[i]
	result := Result{Name: b.name, Title: b.title, Summary: b.summary}
	target := filepath.Join(j.opts.Out, b.page())
	key := key(common, b.content)
	if PageKey(target) == key {
		result.Page, result.Unchanged = b.page(), true
		return result, nil
	}
	begin := time.Now()
	body, problems, err := j.convert(ctx, b)
	result.Duration = time.Since(begin)
	if err != nil || len(problems) > 0 {
		result.Problems = problems
		return result, err
	}
	page, err := renderPage(books, i, key, j.opts.Notice, body)
	if err != nil {
		return result, err
	}
	if result.Problems = faults(page); result.Problems != nil {
		return result, nil
	}
	if err := os.MkdirAll(j.opts.Out, 0o755); err != nil {
		return result, err
	}
	if err = record.WriteBytes(target, page); err == nil {
		result.Page = b.page()
	}
	return result, err
}

// convert executes a notebook in its folder, without writing to that folder, and checks it. It returns the notebook as
// HTML, the part between <main> and </main>.
func (j *jupyter) convert(ctx context.Context, b book) (body []byte, problems []Problem, err error) {
	seconds := strconv.Itoa(int(max(j.opts.CellTimeout, time.Second).Seconds()))
	// Without a limit, a cell that waits for a browser would wait for ever.
	args := []string{"--to=notebook", "--execute", "--ExecutePreprocessor.timeout=" + seconds, "--ExecutePreprocessor.startup_timeout=300"}
	executed, problem, err := j.nbconvert(ctx, b.path, args...)
	if len(problem) > 0 && stillborn.MatchString(problem[0].Text) {
		executed, problem, err = j.nbconvert(ctx, b.path, args...)
	}
	if err != nil || problem != nil {
		return nil, problem, err
	}
	if problems := Check(executed); len(problems) > 0 {
		return nil, problems, nil
	}
	// GoNB's own metadata does not name a lexer. Without one the code would have no colours.
	var nb map[string]any
	if err := unmarshal(executed, &nb); err != nil {
		return nil, nil, err
	}
	nb["metadata"] = metadata()
	if executed, err = encode(nb); err != nil {
		return nil, nil, err
	}
	copied := filepath.Join(j.scratch, b.name+".ipynb")
	if err := os.WriteFile(copied, executed, 0o644); err != nil {
		return nil, nil, err
	}
	return j.nbconvert(ctx, copied, "--to=html", "--config="+filepath.Join(j.scratch, "nbconvert.py"))
}

// nbconvert returns what nbconvert prints to standard output. If nbconvert fails, the problem is the end of its error
// output.
func (j *jupyter) nbconvert(ctx context.Context, file string, args ...string) ([]byte, []Problem, error) {
	stdout, err := os.CreateTemp(j.scratch, "stdout-")
	if err != nil {
		return nil, nil, err
	}
	defer stdout.Close()
	stderr, err := os.CreateTemp(j.scratch, "stderr-")
	if err != nil {
		return nil, nil, err
	}
	defer stderr.Close()
	cmd := exec.Command(j.program, append(args, "--stdout", "--log-level=WARN", file)...)
	cmd.Dir = filepath.Dir(file)
	cmd.Env = j.env
	cmd.Stdout, cmd.Stderr = stdout, stderr
	err = runTree(ctx, cmd)
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, nil, ctx.Err()
	case errors.As(err, &exit):
		said, err := os.ReadFile(stderr.Name())
		return nil, []Problem{{Text: lastWords(string(said), exit)}}, err
	case err != nil:
		return nil, nil, fmt.Errorf("%s: %w", j.program, err)
	}
	output, err := os.ReadFile(stdout.Name())
	return output, nil, err
}

var (
	ansi      = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")
	kernelLog = regexp.MustCompile(`(?m)^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ .*\n?`)
	// Kernels that start at the same moment may be given the same port. One of them then dies before its first cell.
	stillborn  = regexp.MustCompile(`Kernel (died before replying|didn't respond)`)
	pythonFail = regexp.MustCompile(`(?m)^(?:\w+\.)*(\w+(?:Error|Exception|Died|Timeout)): `)
)

// lastWords returns the exception that ended nbconvert, without the traceback inside nbconvert and without the kernel's
// log.
func lastWords(stderr string, exit error) string {
	const most = 40 // lines
	s := kernelLog.ReplaceAllString(ansi.ReplaceAllString(stderr, ""), "")
	if all := pythonFail.FindAllStringSubmatchIndex(s, -1); len(all) > 0 {
		s = s[all[len(all)-1][2]:]
	}
	lines := strings.Split(strings.TrimSpace(s), "\n")
	if len(lines) > most {
		lines = append(lines[:most], fmt.Sprintf("(and %d lines more)", len(lines)-most))
	}
	if s = strings.Join(lines, "\n"); s == "" {
		return "nbconvert: " + exit.Error()
	}
	return s
}
