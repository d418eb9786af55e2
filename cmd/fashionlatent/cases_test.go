package main

import (
	"context"
	"errors"
	"strings"
	"testing"

	"fashionlatent/experiments/lab"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/fashion/fashiontest"
)

// full is a file to which nothing can be written.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// Results that cannot be printed are a failure.
func TestFullOutput(t *testing.T) {
	for _, args := range [][]string{{"experiment"}, {"-h"}, {"experiment", "-h"}} {
		var errOut strings.Builder
		status := run(context.Background(), args, full{}, &errOut)
		if status != failure || !strings.Contains(errOut.String(), "the output could not be written: no space left on device") {
			t.Errorf("%q: status %d, %s", args, status, &errOut)
		}
	}
}

// The scale in the environment is used if the command line names none.
func TestScaleOfTheEnvironment(t *testing.T) {
	t.Setenv(lab.EnvScale, "smoke")
	data := fashiontest.Folder(t)
	for _, c := range []struct {
		flags []string
		want  string
	}{{nil, `"scale":"smoke"`}, {[]string{"-scale", "full"}, `"scale":"full"`}} {
		args := append([]string{"experiment", "comparison", "-plan", "-data", data, "-results", t.TempDir()}, c.flags...)
		if status, out, errOut := program(t, context.Background(), args...); status != success || !strings.Contains(out, c.want) {
			t.Errorf("%q: status %d, want %s in\n%s%s", c.flags, status, c.want, out, errOut)
		}
	}
}

// A training whose code or whose reconstructions carry no information, although its loss stays finite, is reported in one sentence.
func TestEmptyCode(t *testing.T) {
	t.Setenv(backend.EnvVar, backend.Go)
	data := fashiontest.Folder(t)
	for _, c := range []struct{ flags, says string }{
		{"-model ae -rate 1 -activation relu", "The code carries no information"},
		{"-model vae -beta 500 -epochs 40", "Try a beta below 500"},
		{"-model ae -epochs 10", ""},
	} {
		args := append(strings.Fields("train -hidden 16 -batch 10 -data "+data+" -results "+t.TempDir()), strings.Fields(c.flags)...)
		status, _, errOut := program(t, context.Background(), args...)
		if said := strings.Contains(errOut, " Try "); status != success || said != (c.says != "") || !strings.Contains(errOut, c.says) {
			t.Errorf("%s: status %d, want %q in\n%s", c.flags, status, c.says, errOut)
		}
	}
}
