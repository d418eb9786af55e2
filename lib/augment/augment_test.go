package augment_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fashionlatent/lib/augment"
	"fashionlatent/lib/backend/backendtest"
)

const side = 5

// apply augments n copies of an image with one bright pixel and a darker neighbour, so that each change is visible.
func apply(t *testing.T, c augment.Config, n int, seed uint64, step uint32) [][]uint8 {
	t.Helper()
	image := make([]uint8, side*side)
	image[2*side+2], image[2*side+3] = 200, 100 // the centre, and its neighbour on the right
	changed, err := c.Images(backendtest.Go(t), slices.Repeat(image, n), side, seed, step)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Collect(slices.Chunk(changed, side*side))
}

// place is the position of the bright pixel of an image as row-column, followed by "f" if the darker one is on its
// left.
func place(image []uint8) string {
	at := slices.Index(image, 200)
	if at < 0 {
		return "gone"
	}
	s := fmt.Sprintf("%d-%d", at/side, at%side)
	if at%side > 0 && image[at-1] == 100 {
		s += "f"
	}
	return s
}

func TestPlacesReached(t *testing.T) {
	for _, c := range []struct {
		config augment.Config
		want   []string
	}{
		{augment.Config{}, []string{"2-2"}},
		{augment.Config{Flip: true}, []string{"2-2", "2-2f"}},
		{augment.Config{Shift: 1}, []string{"1-1", "1-2", "1-3", "2-1", "2-2", "2-3", "3-1", "3-2", "3-3"}},
	} {
		counts := map[string]int{}
		const n = 900
		for _, image := range apply(t, c.config, n, 1, 1) {
			counts[place(image)]++
		}
		for _, want := range c.want {
			share := float64(n) / float64(len(c.want))
			if got := counts[want]; float64(got) < .6*share || float64(got) > 1.4*share {
				t.Errorf("%+v: place %s reached %d times of %d, want about %.0f", c.config, want, got, n, share)
			}
			delete(counts, want)
		}
		if len(counts) > 0 {
			t.Errorf("%+v: unexpected places %v", c.config, counts)
		}
	}
}

// Whatever is drawn, the result is the image, mirrored or not, moved by a number of rows and columns.
func TestMovedWhole(t *testing.T) {
	image := make([]uint8, side*side)
	for i := range image {
		image[i] = uint8(10 * (i + 1))
	}
	for _, shift := range []int{0, 2, side, augment.MaxShift} {
		possible := map[string]bool{}
		for down := -shift; down <= shift; down++ {
			for right := -shift; right <= shift; right++ {
				for _, flip := range []bool{false, true} {
					moved := make([]uint8, side*side)
					for i, level := range image {
						row, column := i/side+down, i%side
						if flip {
							column = side - 1 - column
						}
						if column += right; row >= 0 && row < side && column >= 0 && column < side {
							moved[row*side+column] = level
						}
					}
					possible[string(moved)] = true
				}
			}
		}
		c := augment.Config{Flip: true, Shift: shift}
		reached := map[string]bool{}
		changed, err := c.Images(backendtest.Go(t), slices.Repeat(image, 10000), side, 3, 1)
		if err != nil {
			t.Fatal(err)
		}
		for got := range slices.Chunk(changed, side*side) {
			reached[string(got)] = true
			if !possible[string(got)] {
				t.Fatalf("shift %d made %v", shift, got)
			}
		}
		if len(reached) != len(possible) {
			t.Errorf("shift %d reached %d of %d images", shift, len(reached), len(possible))
		}
	}
}

func TestSeededByStep(t *testing.T) {
	both := augment.Config{Flip: true, Shift: 2}
	places := func(seed uint64, step uint32) string {
		var all []string
		for _, image := range apply(t, both, 50, seed, step) {
			all = append(all, place(image))
		}
		return strings.Join(all, " ")
	}
	first := places(1, 1)
	if places(1, 1) != first {
		t.Error("the same seed and step changed the images differently")
	}
	if places(2, 1) == first || places(1, 2) == first {
		t.Error("another seed or step changed the images alike")
	}
}

func TestValidate(t *testing.T) {
	for shift, ok := range map[int]bool{-1: false, 0: true, augment.MaxShift: true, augment.MaxShift + 1: false} {
		if err := (augment.Config{Shift: shift}).Validate(); (err == nil) != ok {
			t.Errorf("shift %d: %v", shift, err)
		}
	}
}

func TestImagesErrors(t *testing.T) {
	b := backendtest.Go(t)
	if _, err := (augment.Config{Shift: 99}).Images(b, make([]uint8, 25), side, 0, 0); err == nil || !strings.Contains(err.Error(), "99") {
		t.Errorf("a shift of 99: %v", err)
	}
	if _, err := (augment.Config{}).Images(b, make([]uint8, 26), side, 0, 0); err == nil || !strings.Contains(err.Error(), "26") {
		t.Errorf("26 values: %v", err)
	}
}

// Each pixel is white as often as it is bright, and otherwise black. Other steps and other images draw anew.
func TestBinarise(t *testing.T) {
	image := make([]uint8, side*side)
	image[1], image[2] = 51, 255
	const n = 5000
	binarised := func(step uint32) []uint8 {
		changed, err := augment.Config{Binarise: true}.Images(backendtest.Go(t), slices.Repeat(image, n), side, 1, step)
		if err != nil {
			t.Fatal(err)
		}
		return changed
	}
	first := binarised(1)
	white := make([]int, side*side)
	for i, level := range first {
		switch level {
		case 0:
		case 255:
			white[i%(side*side)]++
		default:
			t.Fatalf("a pixel has the level %d", level)
		}
	}
	if white[0] != 0 || white[1] < n*17/100 || white[1] > n*23/100 || white[2] != n {
		t.Errorf("%d images, white pixels at levels 0, 51 and 255: %v, want none, a fifth and all", n, white[:3])
	}
	if slices.Equal(first, binarised(2)) {
		t.Error("another step draws the same")
	}
}
