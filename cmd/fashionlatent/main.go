// Command fashionlatent trains autoencoders and variational autoencoders on Fashion-MNIST and runs the study of their
// latent spaces. It prints progress to standard error and results to standard output. It exits with 0 on success, 1 on
// failure, 2 on wrong use and 130 when it is interrupted.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"fashionlatent/experiments/lab"
	"fashionlatent/lib/training"
	"fashionlatent/lib/words"
)

const (
	success     = 0
	failure     = 1
	wrongUse    = 2
	interrupted = 130
)

// command is one of the program's commands.
type command struct {
	name    string
	usage   string // its arguments
	does    string
	example string
	run     func(ctx context.Context, c *call) error
}

// call is one execution of a command.
type call struct {
	*flag.FlagSet
	args   []string
	checks []func() error // of the values of flags; their errors are wrong use
	in     io.Reader
	out    *output
	errOut io.Writer
}

// output is where results are printed. It keeps the first error, so that a command need not check for errors.
type output struct {
	to  io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.to.Write(p)
	if o.err == nil {
		o.err = err
	}
	return n, err
}

// usageError is the error of a wrong use of a command.
type usageError struct{ error }

// keeping are the commands that keep what they have finished when they are interrupted. The others write everything at their end.
var keeping = []string{"train", "experiment", "explorer", "notebooks", "run"}

func commands() []command {
	return []command{
		{"data", "", "finds or downloads the data set, verifies it, and prints its folder, sizes, checksum and classes", "data", data},
		{"backend", "", "prints the chosen compute backend and the reason", "backend", showBackend},
		{"train", "", "trains one run, or finds it if it was trained before, and prints its folder", "train -model vae -latent 2 -epochs 15 -seed 0", train},
		{"version", "", "prints the versions of the program and its modules, the commit of its sources, and XLA's plugin", "version", version},
		{"runs", "", "lists the runs: what differs from the reference configuration, main scores, date and size", "runs -filter \"model=vae latent=16\" -sort CE", runs},
		{"show", "RUN", "prints everything that is known of a run: configuration, circumstances, history and scores", "show vae-d16", showRun},
		{"compare", "RUN RUN", "prints the settings in which two runs differ, their histories and their scores side by side, and draws their losses", "compare ae-d16 vae-d16 -out compare.png", compare},
		{"remove", "RUN", "removes a run, unless it is being trained or another run starts from it", "remove vae-d2-e15-s0-ba7a", remove},
		{"embed", "", "writes the codes of the data set's images, or of other images, for NumPy (.npz), pandas and Embedding Atlas (.parquet) or the Embedding Projector (.tsv)", "embed -run vae-d16 -out codes.npz", embed},
		{"weights", "", "writes the weights of a run to a file for NumPy and PyTorch", "weights -run vae-d16 -out weights.npz", weights},
		{"export", "", "writes a run for other programs: a model as ONNX graphs or safetensors with its card, or its history for TensorBoard or GoMLX", "export -run vae-d16 -format onnx -out model", exportRun},
		{"decode", "", "decodes codes from a file, and writes the images to a picture, or images and codes to an .npz file for NumPy", "decode -run vae-d16 -codes codes.npz -array test_codes -out images.npz", decode},
		{"sample", "", "draws codes, decodes them, and writes the images to a picture, or images and codes to an .npz file for NumPy", "sample -run vae-d16 -from prior -n 10000 -out samples.npz", sample},
		{"experiment", "[NAME...]", "runs experiments and makes their tables and figures; without a name, lists them", "experiment comparison -scale quick", experiment},
		{"verify", "", "makes the tables, verdicts, pages and figures of results again from their scores, and says what differs", "verify -rerun 2", verify},
		{"explorer", "", "writes the latent explorer, a page that needs no network", "explorer -scale quick -out explorer.html", explore},
		{"notebooks", "[NAME...]", "executes all notebooks, or those named, and exports them to HTML with an index", "notebooks 4-comparison -scale quick", runNotebooks},
		{"run", "", "runs the main experiments and the notebooks that need no others, writes the pages, and prints what was found", "run -scale quick", study},
	}
}

func main() {
	withoutPreemption()
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // nohup ignores it
		signals = append(signals, syscall.SIGHUP) // the terminal was closed
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run runs the command line and returns the exit status. Output that cannot be written is a failure.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	printed := &output{to: out}
	status := dispatch(ctx, args, printed, errOut)
	if status == success && printed.err != nil {
		fmt.Fprintf(errOut, "fashionlatent: the output could not be written: %v\n", printed.err)
		return failure
	}
	return status
}

// dispatch runs the command that the command line names.
func dispatch(ctx context.Context, args []string, out *output, errOut io.Writer) int {
	if len(args) == 2 && args[0] == "help" {
		args = []string{args[1], "-h"}
	}
	if len(args) == 0 || args[0] == "-h" || args[0] == "--help" || args[0] == "help" {
		overview(out)
		if len(args) == 0 {
			return wrongUse
		}
		return success
	}
	if name := strings.TrimLeft(args[0], "-"); name == "version" {
		args[0] = name
	}
	for _, cmd := range commands() {
		if cmd.name == args[0] {
			return cmd.execute(ctx, args[1:], os.Stdin, out, errOut)
		}
	}
	var names []string
	for _, cmd := range commands() {
		names = append(names, cmd.name)
	}
	guess := words.DidYouMean(args[0], names)
	fmt.Fprintf(errOut, "fashionlatent: there is no command %q%s\n", args[0], guess)
	if guess == "" {
		fmt.Fprintln(errOut)
		overview(errOut)
	}
	return wrongUse
}

func overview(w io.Writer) {
	fmt.Fprint(w, "fashionlatent studies the latent spaces of autoencoders on Fashion-MNIST.\n\nusage: fashionlatent COMMAND [flags]; COMMAND -h says more\n\n")
	for _, cmd := range commands() {
		fmt.Fprintf(w, "  %-12s %s\n", cmd.name, cmd.does)
	}
}

func (cmd command) execute(ctx context.Context, args []string, in io.Reader, out *output, errOut io.Writer) int {
	c := &call{FlagSet: flag.NewFlagSet(cmd.name, flag.ContinueOnError), args: args, in: in, out: out, errOut: errOut}
	c.SetOutput(io.Discard)
	help := func() {
		c.SetOutput(out)
		fmt.Fprintf(out, "usage: fashionlatent %s\n\n%s %s.\n\nexample: fashionlatent %s\n\nflags:\n",
			strings.TrimSpace(cmd.name+" [flags] "+cmd.usage), cmd.name, cmd.does, cmd.example)
		c.PrintDefaults()
	}
	err := cmd.run(ctx, c)
	var wrong usageError
	switch {
	case err == nil:
		return success
	case errors.Is(err, flag.ErrHelp):
		help()
		return success
	case errors.As(err, &wrong):
		fmt.Fprintf(errOut, "fashionlatent %s: %v (-h says more)\n", cmd.name, err)
		return wrongUse
	case ctx.Err() != nil:
		keeps := slices.Contains(keeping, cmd.name)
		switch {
		case !errors.Is(err, context.Canceled) || errors.As(err, new(*training.StoppedError)):
		case keeps:
			err = errors.New("everything that was finished is kept")
		default:
			err = errors.New("nothing was written")
		}
		how := "continue with"
		if !keeps || !lab.Kept(err) || errors.As(err, new(lostError)) {
			how = "start again with"
		}
		fmt.Fprintf(errOut, "fashionlatent %s: interrupted: %v\n%s: %s\n", cmd.name, err, how, again(cmd.name, args))
		return interrupted
	}
	fmt.Fprintf(errOut, "fashionlatent %s: %v\n", cmd.name, err)
	return failure
}

// parse parses the flags and returns the arguments. Flags may be before and after the arguments. More than most
// arguments are an error.
func (c *call) parse(most int) (arguments []string, err error) {
	rest := c.args
	for {
		if err := c.Parse(rest); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, usageError{c.inWords(err)}
		}
		if rest = c.Args(); len(rest) == 0 {
			break
		}
		arguments, rest = append(arguments, rest[0]), rest[1:]
	}
	if len(arguments) > most {
		return nil, usageError{fmt.Errorf("arguments are %q, want at most %d besides the flags", arguments, most)}
	}
	for _, check := range c.checks {
		if err := check(); err != nil {
			return nil, usageError{err}
		}
	}
	return arguments, nil
}
