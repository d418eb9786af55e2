package latent

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"fashionlatent/lib/points"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/optimize"
)

// ProbeConfig says how to fit a linear probe. Zero fields stand for the defaults.
type ProbeConfig struct {
	L2            float64 // weight of the penalty, which is half the sum of the squared weights without biases; it is added to the mean loss. Default 1/n, which is C = 1 in scikit-learn; below 0: 0
	MaxIterations int     // default 1000
}

// Probe is a linear classifier of codes: multinomial logistic regression. The codes are standardised by the mean and
// the standard deviation (over n) of the codes that it was fitted to. The model that made the codes is not changed.
type Probe struct {
	Classes     int
	Mean, Scale []float64 // [dim]; the classifier sees (code-Mean)/Scale
	Weights     []float64 // [classes, dim]
	Biases      []float64 // [classes]
	Objective   float64   // of the fit: mean loss in nats plus penalty
	Iterations  int
	Converged   bool // it ended before MaxIterations
}

// FitProbe fits a probe to codes, [n, dim], and their classes, numbered from 0, with L-BFGS. Labels that are all the same are
// an error.
func FitProbe(ctx context.Context, codes []float32, labels []uint8, dim int, cfg ProbeConfig) (*Probe, error) {
	if err := checkLabels(codes, labels, dim); err != nil {
		return nil, err
	}
	_, variance, err := ActiveUnits(codes, dim)
	if err != nil {
		return nil, err
	}
	if math.IsNaN(cfg.L2) || math.IsInf(cfg.L2, 0) {
		return nil, fmt.Errorf("latent: L2 is %v; want a finite number, 0 for the default, below 0 for no penalty", cfg.L2)
	}
	if cfg.MaxIterations < 0 {
		return nil, fmt.Errorf("latent: MaxIterations is %d; want a positive number, or 0 for the default", cfg.MaxIterations)
	}
	if cfg.L2 == 0 {
		cfg.L2 = 1 / float64(len(labels))
	}
	cfg.L2 = max(cfg.L2, 0)
	if cfg.MaxIterations == 0 {
		cfg.MaxIterations = 1000
	}
	p := &Probe{Classes: int(slices.Max(labels)) + 1, Mean: columnMeans(codes, dim), Scale: make([]float64, dim)}
	if only := slices.Min(labels); only == slices.Max(labels) {
		return nil, fmt.Errorf("latent: all labels are %d; want at least 2 classes", only)
	}
	for j, v := range variance {
		p.Scale[j] = math.Sqrt(v)
		if v == 0 {
			p.Scale[j] = 1
		}
	}

	// The optimiser's values are the weights, then the biases. It asks for objective and gradient separately, but they
	// are computed together.
	split := p.Classes * dim
	var at, gradient []float64
	evaluate := func(values []float64) {
		if slices.Equal(values, at) {
			return
		}
		at = slices.Clone(values)
		p.Weights, p.Biases = at[:split], at[split:]
		gradient = make([]float64, len(at))
		loss, _, err := p.loss(ctx, codes, labels, gradient)
		if err != nil {
			at = nil // Status ends the search
			return
		}
		p.Objective = loss + cfg.L2/2*dot(p.Weights, p.Weights)
		addScaled(gradient[:split], cfg.L2, p.Weights)
	}
	problem := optimize.Problem{
		Func: func(values []float64) float64 { evaluate(values); return p.Objective },
		Grad: func(into, values []float64) { evaluate(values); copy(into, gradient) },
		Status: func() (optimize.Status, error) {
			if err := ctx.Err(); err != nil {
				return optimize.Failure, err
			}
			return optimize.NotTerminated, nil
		},
	}
	result, err := optimize.Minimize(problem, make([]float64, split+p.Classes), &optimize.Settings{
		MajorIterations:   cfg.MaxIterations,
		GradientThreshold: 1e-6,
		Converger:         &optimize.FunctionConverge{Absolute: 1e-6, Iterations: 10},
	}, &optimize.LBFGS{})
	if err := errors.Join(err, ctx.Err()); err != nil {
		return nil, fmt.Errorf("latent: fitting a probe: %w", err)
	}
	p.Weights, p.Biases = result.X[:split], result.X[split:]
	p.Objective, p.Iterations = result.F, result.MajorIterations
	p.Converged = result.Status != optimize.IterationLimit
	return p, nil
}

// Score returns the accuracy of the probe on codes, [n, dim], and its mean loss in nats.
func (p *Probe) Score(codes []float32, labels []uint8) (accuracy, loss float64, err error) {
	if err := checkLabels(codes, labels, len(p.Mean)); err != nil {
		return 0, 0, err
	}
	if largest := slices.Max(labels); int(largest) >= p.Classes {
		return 0, 0, fmt.Errorf("latent: label %d; want one of the %d classes fitted", largest, p.Classes)
	}
	loss, accuracy, err = p.loss(context.Background(), codes, labels, nil)
	return accuracy, loss, err
}

// loss returns the mean loss in nats and the accuracy. If gradient is not nil, it adds the gradient of the loss,
// weights then biases, to it.
func (p *Probe) loss(ctx context.Context, codes []float32, labels []uint8, gradient []float64) (loss, accuracy float64, err error) {
	const block = 512
	dim, n := len(p.Mean), len(labels)
	blocks := (n + block - 1) / block
	losses, right := make([]float64, blocks), make([]float64, blocks)
	partial := make([]float64, blocks*len(gradient))
	general := func(rows, columns int, data []float64) blas64.General {
		return blas64.General{Rows: rows, Cols: columns, Stride: columns, Data: data}
	}
	err = points.Parallel(ctx, blocks, func(b int) {
		from, to := b*block, min(n, (b+1)*block)
		x, logits := make([]float64, (to-from)*dim), make([]float64, 0, (to-from)*p.Classes)
		for i := from; i < to; i++ {
			row := x[(i-from)*dim:][:dim]
			for j, v := range codes[i*dim : (i+1)*dim] {
				row[j] = (float64(v) - p.Mean[j]) / p.Scale[j]
			}
			logits = append(logits, p.Biases...)
		}
		blas64.Gemm(blas.NoTrans, blas.Trans, 1, general(to-from, dim, x), general(p.Classes, dim, p.Weights), 1, general(to-from, p.Classes, logits))
		points.ClearUpper()
		for i := from; i < to; i++ {
			row, label := logits[(i-from)*p.Classes:][:p.Classes], labels[i]
			largest := slices.Max(row)
			if slices.Index(row, largest) == int(label) {
				right[b]++
			}
			losses[b] += largest - row[label]
			var total float64
			for c, v := range row {
				row[c] = math.Exp(v - largest)
				total += row[c]
			}
			losses[b] += math.Log(total)
			for c := range row {
				row[c] /= total
			}
			row[label]-- // now the gradient of the loss with respect to the logits
		}
		if gradient == nil {
			return
		}
		g := partial[b*len(gradient):][:len(gradient)]
		blas64.Gemm(blas.Trans, blas.NoTrans, 1, general(to-from, p.Classes, logits), general(to-from, dim, x), 0, general(p.Classes, dim, g))
		for i, v := range logits {
			g[p.Classes*dim+i%p.Classes] += v
		}
	})
	for b := range blocks {
		addScaled(gradient, 1/float64(n), partial[b*len(gradient):])
	}
	return points.Sum(losses) / float64(n), points.Sum(right) / float64(n), err
}
