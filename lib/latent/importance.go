package latent

import (
	"errors"
	"fmt"
	"math"

	"fashionlatent/lib/points"
)

// Importance sums importance weights, image by image, so that many samples can come in blocks. Its zero value has seen none.
type Importance struct {
	largest []float64 // [n], of the log weights so far
	sum     []float64 // [n], of exp(log weight - largest)
	logs    []float64 // [n], sums of the log weights
	samples int
}

// Add takes log weights log p(x, z) - log q(z given x), [n, k]: k further samples of each of n images. It refuses NaN and +Inf.
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

// NLL is -log of the mean weight, nats per image, [n]: on average no less than -log p(x), and closer to it the more samples
// (Burda et al. 2015, arXiv 1509.00519). It is +Inf for an image whose weights are all zero.
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

// NegativeELBO is the mean of the negative log weights, nats per image, [n]: on average no less than what NLL tends to, and no less than
// NLL itself. It is +Inf for an image with a weight of zero.
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

// ImportanceWeighted is the negative log-likelihood in nats of each of n images, [n], from all their log weights, [n, k].
func ImportanceWeighted(logWeights []float64, k int) ([]float64, error) {
	var m Importance
	if err := m.Add(logWeights, k); err != nil {
		return nil, err
	}
	return m.NLL()
}
