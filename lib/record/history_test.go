package record

import (
	"bytes"
	"errors"
	"io/fs"
	"math"
	"os"
	"strings"
	"testing"
)

const header = "epoch,step,train_reconstruction,train_kl,test_reconstruction,test_kl,beta,learning_rate,seconds\n"

// sameHistory compares values to the bit, except that any NaN equals any other.
func sameHistory(a, b []Epoch) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Epoch != b[i].Epoch || a[i].Step != b[i].Step {
			return false
		}
		x, y := a[i].floats(), b[i].floats()
		for j := range x {
			if math.Float64bits(*x[j]) != math.Float64bits(*y[j]) && !(math.IsNaN(*x[j]) && math.IsNaN(*y[j])) {
				return false
			}
		}
	}
	return true
}

func TestHistory(t *testing.T) {
	store, run := created(t)
	if _, err := run.History(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no history: %v", err)
	}
	want := []Epoch{
		{1, 469, Loss{250.125, 3}, Loss{240, 4.5}, 0.1, 1e-3, 12},
		{2, 938, Loss{math.Nextafter(0.1, 1), math.SmallestNonzeroFloat64}, Loss{1. / 3, math.MaxFloat64}, 0, 2.5e-05, 1e21},
		{5, 938, Loss{math.NaN(), math.Inf(1)}, Loss{math.Inf(-1), math.Copysign(0, -1)}, 0, 0, 0},
	}
	if err := run.WriteHistory(want); err != nil {
		t.Fatal(err)
	}
	for _, run := range []*Run{run, listed(t, store)} {
		if got, err := run.History(); err != nil || !sameHistory(got, want) {
			t.Errorf("read\n%v, %v\nwant\n%v", got, err, want)
		}
	}
	content, err := os.ReadFile(run.path(historyName))
	const lines = header + "1,469,250.125,3,240,4.5,0.1,0.001,12\n"
	if err != nil || !strings.HasPrefix(string(content), lines) {
		t.Errorf("the file is\n%s%v, want it to begin\n%s", content, err, lines)
	}

	if err := run.WriteHistory(nil); err != nil {
		t.Fatal(err)
	}
	if got, err := run.History(); err != nil || len(got) != 0 {
		t.Errorf("an empty history is read as %v, %v", got, err)
	}
}

func TestWriteHistoryRefuses(t *testing.T) {
	_, run := created(t)
	for _, epochs := range [][]Epoch{{{Epoch: 1}, {Epoch: 1}}, {{Epoch: 2}, {Epoch: 1}}, {{Epoch: -1}}, {{Epoch: 1, Step: -1}}} {
		wantError(t, run.WriteHistory(epochs), run.path(historyName), "epoch")
	}
	if _, err := run.History(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was written: %v", err)
	}
}

func TestHistoryIsChecked(t *testing.T) {
	const row = "1,469,250.125,3,240,4.5,0.1,0.001,12\n"
	tests := []struct{ content, err string }{
		{"", "no end"},
		{"\n", "is empty"},
		{strings.Replace(header, "beta", "β", 1), `"β"`},
		{"epoch\n", `["epoch"]`},
		{row, "columns are"},
		{header + strings.TrimSpace(row), "no end"},
		{header + row[:20], "no end"},
		{header + "1,2\n", "line 2: 2 values, want 9"},
		{header + strings.Replace(row, "12", "12,", 1), "line 2: 10 values, want 9"},
		{header + row + strings.Replace(row, "250.125", "abc", 1), `line 3: train_reconstruction is "abc"`},
		{header + strings.Replace(row, "4.5", "", 1), `line 2: test_kl is ""`},
		{header + strings.Replace(row, "4.5", " 4.5", 1), `line 2: test_kl is " 4.5"`},
		{header + strings.Replace(row, "4.5", "1e999", 1), `line 2: test_kl is "1e999": value out of range`},
		{header + strings.Replace(row, "469", "469.5", 1), `line 2: step is "469.5"`},
		{header + strings.Replace(row, "469", "-1", 1), "line 2: epoch 1, step -1"},
		{header + row + row, "line 3: epoch 1 after epoch 1"},
		{header + "\n\n" + row + "\n" + row, "line 6: epoch 1 after epoch 1"},
		{header + "\x00\xff\n", "line 2: 1 values"},
		{header + "\"\n", "line 2"},
	}
	_, run := created(t)
	for _, test := range tests {
		overwrite(t, run, historyName, test.content)
		_, err := run.History()
		wantError(t, err, run.path(historyName)+" is damaged", test.err, "restore it, or remove")
	}
	overwrite(t, run, historyName, strings.ReplaceAll(header+row, "\n", "\r\n"))
	if epochs, err := run.History(); err != nil || len(epochs) != 1 {
		t.Errorf("saved by a spreadsheet: %v, %v", epochs, err)
	}
}

func TestTotal(t *testing.T) {
	if got := (Loss{Reconstruction: 240, KL: 4.5}).Total(); got != 244.5 {
		t.Errorf("total %v, want 244.5", got)
	}
}

func FuzzHistory(f *testing.F) {
	f.Add([]byte(header + "1,469,250.125,3,240,4.5,0.1,0.001,12\n2,938,NaN,-Inf,-0,5e-324,1,0x1p-2,1e21\n"))
	f.Add([]byte(header + "\"1\",2,3,4,5,6,7,8,9\r\n"))
	f.Add([]byte("\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		epochs, err := parseHistory(content)
		if err != nil {
			return
		}
		var written bytes.Buffer
		if err := formatHistory(&written, epochs); err != nil {
			t.Fatal(err)
		}
		again, err := parseHistory(written.Bytes())
		if err != nil || !sameHistory(epochs, again) {
			t.Errorf("%v is written as\n%sand read as %v, %v", epochs, written.Bytes(), again, err)
		}
	})
}
