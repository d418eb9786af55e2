package score

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Level is the confidence of intervals. A difference is significant if its p-value is below 1 - Level.
const Level = .95

// Comparison is the difference of two means, b - a, with Welch's t-test.
type Comparison struct {
	NA, NB     int     // numbers of values
	Difference float64 // of the means, b - a
	Low, High  float64 // confidence interval of the difference at Level
	T, DF      float64 // test statistic and degrees of freedom
	P          float64 // two-sided p-value
}

// Errors of comparisons that are not defined.
var (
	ErrFewSeeds = errors.New("a t-test needs two seeds or more of each")
	ErrNoSpread = errors.New("there is no spread over the seeds")
)

// Compare compares the means of two summaries with Welch's t-test for unequal variances, with the degrees of freedom of
// Welch and Satterthwaite (B. L. Welch, Biometrika 34, 1947). It returns ErrFewSeeds or ErrNoSpread if the
// test is not defined.
func Compare(a, b Summary) (Comparison, error) {
	c := Comparison{NA: a.N(), NB: b.N()}
	if c.NA < 2 || c.NB < 2 {
		return c, ErrFewSeeds
	}
	meanA, varianceA := stat.MeanVariance(a.Values, nil)
	meanB, varianceB := stat.MeanVariance(b.Values, nil)
	c.Difference = meanB - meanA
	ofA, ofB := varianceA/float64(c.NA), varianceB/float64(c.NB)
	both := ofA + ofB
	if both == 0 {
		return c, ErrNoSpread
	}
	c.T = c.Difference / math.Sqrt(both)
	c.DF = both * both / (ofA*ofA/float64(c.NA-1) + ofB*ofB/float64(c.NB-1))
	student := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: c.DF}
	c.P = twoSided(student, c.T)
	reach := student.Quantile(1-(1-Level)/2) * math.Sqrt(both)
	c.Low, c.High = c.Difference-reach, c.Difference+reach
	return c, nil
}

func twoSided(student distuv.StudentsT, t float64) float64 {
	return min(1, 2*student.CDF(-math.Abs(t)))
}

// Paired is the two-sided p-value of the paired t-test (Student, Biometrika 6, 1908) over the seeds that both summaries
// have. Runs of two models with the same seed are not independent if they share random numbers. It returns ErrFewSeeds or
// ErrNoSpread if the test is not defined.
func Paired(a, b Summary) (p float64, err error) {
	var differences []float64
	for i, seed := range a.Seeds {
		if j := slices.Index(b.Seeds, seed); j >= 0 {
			differences = append(differences, b.Values[j]-a.Values[i])
		}
	}
	if len(differences) < 2 {
		return 0, ErrFewSeeds
	}
	mean, deviation := stat.MeanStdDev(differences, nil)
	if deviation == 0 {
		return 0, ErrNoSpread
	}
	n := float64(len(differences))
	return twoSided(distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}, mean/stat.StdErr(deviation, n)), nil
}

// Holm corrects p-values for the number of tests, so that the probability of at least one false positive stays below
// the level (S. Holm, Scandinavian Journal of Statistics 6, 1979). The result has the order of p.
func Holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(p[i], p[j]) })
	adjusted := make([]float64, len(p))
	least := 0.
	for rank, i := range order {
		least = max(least, min(1, float64(len(p)-rank)*p[i]))
		adjusted[i] = least
	}
	return adjusted
}
