package training

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"testing"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/npz"
)

// sealed is a tiny archive with a checksum, and its content.
func sealed(t testing.TB) (content []byte, arrays autoencoder.Weights) {
	t.Helper()
	arrays = autoencoder.Weights{
		{Name: "encoder/mean/weights", Shape: []int{2, 3}, Values: []float32{1, -2, 3.5, 0, 1e-30, 6}},
		{Name: "encoder/mean/bias", Shape: []int{1}, Values: []float32{7}},
	}
	var file bytes.Buffer
	if err := writeArchive(&file, arraysOf("", arrays), map[string][]byte{stateName: []byte(`{"run":"a"}`)}); err != nil {
		t.Fatal(err)
	}
	return file.Bytes(), arrays
}

// same checks that an archive was read to the content of sealed.
func same(t *testing.T, what string, arrays, want autoencoder.Weights, others map[string][]byte) {
	t.Helper()
	if arrays.SHA256() != want.SHA256() || len(others) != 1 || string(others[stateName]) != `{"run":"a"}` {
		t.Errorf("%s: read as %v, %q", what, arrays, others)
	}
}

func TestArchive(t *testing.T) {
	content, want := sealed(t)
	arrays, others, err := parseArchive(content)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "whole", arrays, want, others)
	again, _ := sealed(t)
	if !bytes.Equal(content, again) {
		t.Error("the same content gave other bytes")
	}
}

// An archive that is cut short, or in which any bit is flipped, is an error or is read to the same content. Some bytes,
// such as a member's date, carry no content.
func TestDamagedArchive(t *testing.T) {
	whole, want := sealed(t)
	for cut := range len(whole) {
		if _, _, err := parseArchive(whole[:cut]); err == nil {
			t.Errorf("cut to %d of %d bytes it is read", cut, len(whole))
		}
	}
	refused := 0
	for i := range whole {
		for bit := range 8 {
			damaged := slices.Clone(whole)
			damaged[i] ^= 1 << bit
			arrays, others, err := parseArchive(damaged)
			if err != nil {
				refused++
				continue
			}
			same(t, fmt.Sprintf("byte %d, bit %d", i, bit), arrays, want, others)
		}
	}
	if refused < 8*len(whole)/2 {
		t.Errorf("only %d of %d flipped bits were noticed", refused, 8*len(whole))
	}
}

func TestArchiveWithoutChecksum(t *testing.T) {
	var file bytes.Buffer
	if err := npz.Write(&file, npz.Array{Name: "a", Shape: []int{1}, Values: []float32{1}}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := parseArchive(file.Bytes()); err == nil {
		t.Error("it is read")
	}
}

// TestArchiveOfBefore reads an archive that GoMLX's package numpy wrote, and writes it again to the same bytes.
func TestArchiveOfBefore(t *testing.T) {
	before, err := os.ReadFile("testdata/sealed.npz")
	if err != nil {
		t.Fatal(err)
	}
	content, want := sealed(t)
	if !bytes.Equal(content, before) {
		t.Errorf("want the bytes of testdata/sealed.npz, found\n%q", content)
	}
	arrays, others, err := parseArchive(before)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "before", arrays, want, others)
}

// FuzzArchive searches for a panic, for more content than the file can hold, and for content that is written
// differently from how it was read.
func FuzzArchive(f *testing.F) {
	content, _ := sealed(f)
	f.Add(content)
	f.Add(content[:len(content)-1])
	f.Add([]byte("PK\x05\x06" + string(make([]byte, 18)))) // an empty archive
	f.Fuzz(func(t *testing.T, content []byte) {
		arrays, others, err := parseArchive(content)
		if err != nil {
			return
		}
		size := 4 * arrays.Count()
		for _, other := range others {
			size += len(other)
		}
		if size > len(content) {
			t.Errorf("%d bytes were read from %d", size, len(content))
		}
		var file bytes.Buffer
		if err := writeArchive(&file, arraysOf("", arrays), others); err != nil {
			t.Fatal(err)
		}
		again, _, err := parseArchive(file.Bytes())
		if err != nil || again.SHA256() != arrays.SHA256() {
			t.Errorf("%v is read again as %v, %v", arrays, again, err)
		}
	})
}
