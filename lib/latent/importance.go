package latent

import (
	"errors"
	"fmt"
	"math"

	"fashionlatent/lib/points"
)

// Importance accumulates importance weights for each image, so that many samples can be added in blocks. The zero value
// is empty.
type Importance struct {
	largest []float64 // [n], the largest log weight so far
	sum     []float64 // [n], of exp(log weight - largest)
	logs    []float64 // [n], sum of the log weights
	samples int
}

// Add adds log weights log p(x, z) - log q(z|x), [n, k]: k further samples of each of n images. NaN, +Inf, and another
// number of images than before are errors.
func (m *Importance) Add(logWeights []float64, k int) error {
	switch {
	case k < 1 || len(logWeights) == 0 || len(logWeights)%k != 0:
		return fmt.Errorf("latent: %d log weights, %d for each image; want a whole number of images", len(logWeights), k)
	case m.samples > 0 && len(logWeights)/k != len(m.sum):
		return fmt.Errorf("latent: log weights of %d images after those of %d; want the same images", len(logWeights)/k, len(m.sum))
	}
	for i, w := range logWeights {
		if math.IsNaN(w) || math.IsInf(w, 1) {
			return fmt.Errorf("latent: log weight %d of image %d is %v; want a number", i%k, i/k, w)
		}
	}
	n := len(logWeights) / k
	if m.samples == 0 {
		m.largest, m.sum, m.logs = make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range m.largest {
			m.largest[i] = math.Inf(-1)
		}
	}
	m.samples += k
	for i := range n {
		for j, w := range logWeights[i*k : (i+1)*k] {
			if (i*k+j)%1024 == 0 {
				points.ClearUpper()
			}
			m.logs[i] += w
			switch {
			case w > m.largest[i]:
				m.sum[i] = m.sum[i]*math.Exp(m.largest[i]-w) + 1
				m.largest[i] = w
			case !math.IsInf(w, -1):
				m.sum[i] += math.Exp(w - m.largest[i])
			}
		}
	}
	return nil
}

// NLL is the negative log of the mean weight, nats per image, [n]. Its expectation is at least -log p(x) and gets
// closer to it with more samples (Burda et al. 2015, arXiv 1509.00519). It is +Inf for an image whose weights are all
// zero.
func (m *Importance) NLL() ([]float64, error) {
	if m.samples == 0 {
		return nil, errors.New("latent: no importance weights")
	}
	nll := make([]float64, len(m.sum))
	for i, s := range m.sum {
		if i%1024 == 0 {
			points.ClearUpper()
		}
		nll[i] = math.Log(float64(m.samples)) - math.Log(s) - m.largest[i]
	}
	return nll, nil
}

// NegativeELBO is the mean of the negative log weights, nats per image, [n]. It is never below NLL of the same weights,
// and its expectation is at least -log p(x). It is +Inf for an image with a weight of zero.
func (m *Importance) NegativeELBO() ([]float64, error) {
	if m.samples == 0 {
		return nil, errors.New("latent: no importance weights")
	}
	bound := make([]float64, len(m.logs))
	for i, s := range m.logs {
		bound[i] = -s / float64(m.samples)
	}
	return bound, nil
}
