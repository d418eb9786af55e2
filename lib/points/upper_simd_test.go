//go:build goexperiment.simd && amd64

package points

import (
	"simd/archsimd"
	"sync/atomic"
	"testing"

	"fashionlatent/lib/points/internal/xinuse"
)

// use puts the upper halves of the vector registers in use.
//
//go:noinline
func use(into *[8]float32) {
	archsimd.BroadcastFloat32x8(1).Add(archsimd.LoadFloat32x8(into)).Store(into)
}

// upperKnown skips a test if the processor does not report whether the upper halves are in use.
func upperKnown(t *testing.T) {
	t.Helper()
	if !vectors || !xinuse.Known() {
		t.Skip("this processor does not say whether the upper halves are in use")
	}
	var v [8]float32
	use(&v)
	if !xinuse.Upper() {
		t.Skip("this processor does not count the upper halves as in use")
	}
}

func TestClearUpper(t *testing.T) {
	upperKnown(t)
	const times = 1000
	inUse := 0
	for range times {
		var v [8]float32
		use(&v)
		ClearUpper()
		if xinuse.Upper() {
			inUse++
		}
	}
	if inUse > times/10 { // the runtime may preempt between the two calls a few times
		t.Errorf("of %d times, the upper halves were in use %d times after they were cleared", times, inUse)
	}
}

// Each task of the pool starts with clear upper halves, although the task before it left them in use.
func TestParallelClearsUpper(t *testing.T) {
	upperKnown(t)
	const tasks = 1000
	var inUse atomic.Int32
	err := Parallel(t.Context(), tasks, func(int) {
		if xinuse.Upper() {
			inUse.Add(1)
		}
		var v [8]float32
		use(&v)
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := inUse.Load(); n > tasks/10 { // as above
		t.Errorf("of %d tasks, %d started with the upper halves in use", tasks, n)
	}
}
