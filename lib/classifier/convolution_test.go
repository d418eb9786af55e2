package classifier

import (
	"math/rand/v2"
	"testing"

	"fashionlatent/lib/backend"
	"fashionlatent/lib/backend/backendtest"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// The convolution and the pooling are those of GoMLX, on both backends, for even and odd sides.
func TestConvolution(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 0))
	normal := func(n int) []float32 {
		values := make([]float32, n)
		for i := range values {
			values[i] = float32(random.NormFloat64())
		}
		return values
	}
	const batch, channels, out = 3, 2, 5
	for name, open := range map[string]func(testing.TB) *backend.Backend{"go": backendtest.Go, "xla": backendtest.XLA} {
		t.Run(name, func(t *testing.T) {
			b := open(t)
			for _, side := range []int{8, 9} {
				exec, err := NewExec(b.Compute, func(x, kernel *Node) []*Node {
					ours := convolved(x, kernel)
					apart := func(x, y *Node) *Node { return ReduceAllMax(Abs(Sub(x, y))) }
					return []*Node{
						apart(ours, Convolve(x, Reshape(kernel, kernelSide, kernelSide, channels, out)).NoPadding().Done()),
						apart(pooled(ours), MaxPool(ours).Window(2).Done()),
						apart(averaged(ours, 3), MeanPool(ours).Window(3).Done()),
					}
				})
				if err != nil {
					t.Fatal(err)
				}
				found, err := exec.Call(tensors.FromFlatDataAndDimensions(normal(batch*side*side*channels), batch, side, side, channels),
					tensors.FromFlatDataAndDimensions(normal(kernelSide*kernelSide*channels*out), kernelSide*kernelSide*channels, out))
				if err != nil {
					t.Fatal(err)
				}
				for i, what := range []string{"convolution", "largest values", "means"} {
					if apart := tensors.ToScalar[float32](found[i]); !(apart < 1e-5) {
						t.Errorf("%s, side %d: the %s differ by %v", name, side, what, apart)
					}
				}
			}
		})
	}
}
