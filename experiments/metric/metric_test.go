package metric

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"fashionlatent/lib/cluster"
	"fashionlatent/lib/latent"
)

// codes are a subject with given codes, clusters and labels.
type codes struct {
	values   []float32 // [n, 1]
	labels   []uint8
	clusters []int
}

func (c codes) Seed() uint64          { return 0 }
func (c codes) Labels(string) []uint8 { return c.labels }
func (c codes) Codes(context.Context, string) (Codes, error) {
	return Codes{Values: c.values, Dim: 1}, nil
}
func (c codes) Drawn(context.Context, string) ([]float32, error) { return c.values, nil }
func (c codes) Clusters(context.Context, Clustering, string) ([]int, error) {
	return c.clusters, nil
}

// outlying is a subject that scores an image by its first pixel, and by no likelihood.
type outlying struct{}

func (o outlying) Outlying(_ context.Context, score string, of ImageSet) (values []float64, err error) {
	if score == OfBound || score == OfNLL {
		return nil, Undefined{"there is no likelihood"}
	}
	for i := range of.N {
		values = append(values, float64(of.Images[i*len(of.Images)/of.N]))
	}
	return values, nil
}

// Each score tells the others by what the subject says of them. A score that the subject has not is undefined.
func TestOutliers(t *testing.T) {
	test := ImageSet{Name: "own", Data: "0a", N: 4, Images: []uint8{1, 9, 2, 9, 3, 9, 4, 9}}
	others := ImageSet{Name: "digits", Data: "0b", N: 2, Images: []uint8{3, 0, 5, 0}}
	all := setting.Outliers(test, others)
	if len(all) != len(OutlierScores) {
		t.Fatalf("%d metrics", len(all))
	}
	for i, m := range all {
		s, err := m.Take(context.Background(), outlying{})
		likelihood := OutlierScores[i] == OfBound || OutlierScores[i] == OfNLL
		if err != nil || likelihood && s.Undefined != "there is no likelihood" || !likelihood && s.Value != .8125 {
			t.Errorf("%s: %+v, %v", m.Name, s, err)
		}
		if s.Metric != AUROC(OutlierScores[i], "digits") || s.N != 6 || !strings.HasPrefix(s.Parameters, "test=4 others=0b") {
			t.Errorf("identity %+v", s.Identity)
		}
	}
}

var setting = Setting{Data: "0a", Train: 6, Test: 6, Classes: 2, TestClasses: 2, K: 2, Samples: 6, Features: map[string]string{Connected: "classifier-0", Convolutional: "classifier-1"}}

func named(t *testing.T, metrics []Metric, name string) Metric {
	t.Helper()
	i := slices.IndexFunc(metrics, func(m Metric) bool { return m.Name == name })
	if i < 0 {
		t.Fatalf("there is no metric %s", name)
	}
	return metrics[i]
}

func TestPlanted(t *testing.T) {
	apart := codes{[]float32{0, .1, .2, 10, 10.1, 10.2}, []uint8{0, 0, 0, 1, 1, 1}, []int{1, 1, 1, 0, 0, 0}}
	mixed := codes{[]float32{0, 1, 0, 1, 0, 1}, []uint8{0, 0, 0, 1, 1, 1}, []int{0, 1, 0, 1, 0, 1}}
	// Clusters 1, 0 and 2 are matched to the classes 0, 1 and 2; two images of class 0 and one of class 2 are elsewhere.
	uneven := codes{nil, []uint8{0, 0, 0, 0, 1, 2, 2, 2}, []int{1, 1, 0, 2, 0, 2, 2, 0}}
	agreement := setting.Agreement(Clustering{Method: KMeans, Fit: Train}, Test)
	three := setting
	three.Classes = 3
	shares := three.ClassShares(Clustering{Method: KMeans, Fit: Train}, Test)
	for _, c := range []struct {
		metric      Metric
		subject     codes
		least, most float64
	}{
		{named(t, agreement, "k-means ACC"), apart, 1, 1},
		{named(t, agreement, "k-means NMI"), apart, 1, 1},
		{named(t, agreement, "k-means ACC"), mixed, .6, .7},
		{named(t, agreement, "k-means ARI"), mixed, -1, .1},
		{named(t, shares, "k-means share of class 0"), uneven, .5, .5},
		{named(t, shares, "k-means share of class 1"), uneven, 1, 1},
		{named(t, shares, "k-means share of class 2"), uneven, 2. / 3, 2. / 3},
		{named(t, shares, "k-means share of class 1"), codes{nil, []uint8{0, 0, 1}, []int{0, 0, 0}}, 0, 0}, // one cluster for two classes
		{named(t, setting.Structure(), Silhouette), apart, .9, 1},
		{named(t, setting.Structure(), Silhouette), mixed, -1, .1},
		{setting.ActiveUnits(), apart, 1, 1},
		{setting.ActiveUnits(), codes{values: make([]float32, 6)}, 0, 0},
	} {
		s, err := c.metric.Take(context.Background(), c.subject)
		if err != nil || s.Undefined != "" || s.Value < c.least || s.Value > c.most || s.Identity != c.metric.Identity() {
			t.Errorf("%s of %v: %v, %v, want %v to %v", c.metric.Name, c.subject, s, err, c.least, c.most)
		}
	}
}

// A metric that the data or the subject do not define has a score with a reason.
func TestUndefined(t *testing.T) {
	unlabelled, one, small := setting, setting, setting
	unlabelled.TestClasses = 0
	one.TestClasses = 1
	small.Test = 1
	failing := metric(setting, "failing", "", Neither, 1, func(context.Context, codes) (float64, error) { return value(0, errors.New("no such quantile")) })
	for _, c := range []struct {
		metric Metric
		says   string
	}{
		{named(t, unlabelled.Agreement(Clustering{Method: KMeans, Fit: Train}, Test), "k-means ACC"), "the data set has no labels"},
		{named(t, unlabelled.ClassShares(Clustering{Method: KMeans, Fit: Train}, Test), "k-means share of class 1"), "the data set has no labels"},
		{named(t, setting.ClassShares(Clustering{Method: KMeans, Fit: Train}, Test), "k-means share of class 1"), "no points"},
		{named(t, one.Structure(), Silhouette), "it needs 2 classes among the test images, and there are 1"},
		{named(t, small.Structure(), Trustworthiness), "it needs 3 test images, and there are 1"},
		{named(t, small.Paths(), Midpoints), "it needs 2 test images"},
		{named(t, unlabelled.Generation(Prior), "prior FCD (conv)"), "no labels"},
		{setting.Bound(), "has not what it is taken of"},
		{failing, "no such quantile"},
	} {
		s, err := c.metric.Take(context.Background(), codes{})
		if err != nil || !strings.Contains(s.Undefined, c.says) || s.Value != 0 {
			t.Errorf("%s: %v, %v, want it to say %q", c.metric.Name, s, err, c.says)
		}
	}
}

// A score that is no finite number is an error, which does not spoil the scores beside it.
func TestNotFinite(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		m := metric(setting, "endless", "", Neither, 1, func(context.Context, codes) (float64, error) { return v, nil })
		if _, err := m.Take(context.Background(), codes{}); err == nil || !strings.Contains(err.Error(), fmt.Sprint("endless: the score is ", v)) {
			t.Errorf("%v: %v", v, err)
		}
	}
}

// viewed is a subject whose images are described by points.
type viewed struct{ cluster.View }

func (viewed) Seed() uint64 { return 0 }
func (v viewed) Views(context.Context, string) ([]cluster.View, error) {
	return []cluster.View{v.View}, nil
}

// Of four groups that lie far apart, BIC and stability are best for four clusters. Modularity is worse for fewer. It may
// be better for more, because near neighbours form communities within a wide group.
func TestCriteria(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 0))
	var x []float32
	for i := range 400 {
		x = append(x, float32(float64(20*(i%2))+random.NormFloat64()), float32(float64(i/2%2*20)+random.NormFloat64()))
	}
	s := setting
	s.Train, s.Samples = 394, 300
	values := map[string]float64{}
	for _, m := range s.Criteria([]int{3, 4, 6}) {
		score, err := m.Take(context.Background(), viewed{cluster.View{X: x, Dim: 2}})
		if err != nil || score.Undefined != "" || score.N != 300 || score.Split != All {
			t.Fatalf("%s: %+v, %v", m.Name, score, err)
		}
		values[m.Name] = score.Value
		if m.Better == Lower {
			values[m.Name] = -score.Value
		}
	}
	for _, criterion := range []string{BIC, Modularity, Stability} {
		for _, k := range []int{3, 6} {
			if criterion == Modularity && k > 4 {
				continue
			}
			if four, other := values[Criterion(criterion, 4)], values[Criterion(criterion, k)]; four <= other {
				t.Errorf("%s: %v of 4 clusters, %v of %d", criterion, four, other, k)
			}
		}
	}
	if v := values[Criterion(Stability, 4)]; v != 1 {
		t.Errorf("stability of 4 clusters is %v", v)
	}
	// A Gaussian with the variance of one group, 1, has an entropy of 1/2 log(2 pi e) per dimension; four groups add log 4.
	if bic, want := -values[Criterion(BIC, 4)], 2*(math.Log(2*math.Pi*math.E)+math.Log(4))+23*math.Log(300)/300; math.Abs(bic-want) > .2 {
		t.Errorf("BIC of 4 clusters is %v, want about %v", bic, want)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	m := metric(setting, "slow", "", Neither, 1, func(ctx context.Context, _ codes) (float64, error) {
		return value(0, fmt.Errorf("slow: %w", ctx.Err()))
	})
	if _, err := m.Take(ctx, codes{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was cancelled", err)
	}
}

// Each change of something that a score depends on changes its identity. No two metrics of a setting have the same
// identity.
func TestIdentities(t *testing.T) {
	all := func(s Setting) (all []Metric) {
		return slices.Concat(s.Losses(), []Metric{s.Bound(), s.NLL(), s.Holes(), s.SelectedComponents(), s.Loss(Total)}, s.Accuracies(), s.Stopping(), s.TestLikelihood(6, 100), s.Structure(), s.Paths(),
			s.Agreement(Clustering{Method: KMeans, Fit: Train}, Test), s.Agreement(Clustering{Method: KMeans, Fit: All}, Test), s.Agreement(Clustering{Method: KMeans, Fit: All}, All),
			s.Agreement(Clustering{Method: Mixture, Fit: All}, All), s.Agreement(Clustering{Method: Mixture, Fit: All, Starts: 3}, All), s.Confusion(Clustering{Method: KMeans, Fit: All}),
			s.ClassShares(Clustering{Method: KMeans, Fit: Test}, Test), s.ClassShares(Clustering{Method: Mixture, Fit: Test}, Test),
			s.Generation(Prior, Gaussians, Mixtures, Selected, Encoded, Floor), s.Outliers(ImageSet{N: s.Test}, ImageSet{Name: "digits", Data: "0c", N: 5}), s.Outliers(ImageSet{N: s.Test}, ImageSet{Name: "noisy", Data: "0d", N: 5}), s.Criteria([]int{2, 3}))
	}
	seen := map[string]bool{}
	for _, m := range all(setting) {
		key := fmt.Sprint(m.Identity())
		if seen[key] {
			t.Errorf("two metrics have the identity %s", key)
		}
		seen[key] = true
	}
	if m := setting.NLL(); m.With("epoch=5").Identity() == m.Identity() {
		t.Error("a parameter changes nothing")
	}
	more, other, features := setting, setting, setting
	more.Samples, more.Test, more.Train = 60, 60, 60
	other.Data = "0b"
	features.Features = map[string]string{Connected: "classifier-2", Convolutional: "classifier-3"}
	for i, m := range all(setting) {
		if all(other)[i].Identity() == m.Identity() {
			t.Errorf("%s: another data set changes nothing", m.Name)
		}
		if given := strings.Contains(m.Parameters, "binarisation="); !given && all(more)[i].Identity() == m.Identity() {
			t.Errorf("%s: more images change nothing", m.Name)
		}
	}
	for i, m := range slices.Concat(setting.Generation(Prior), setting.Accuracies()) {
		if slices.Concat(features.Generation(Prior), features.Accuracies())[i].Identity() == m.Identity() {
			t.Errorf("%s: another feature extractor changes nothing", m.Name)
		}
	}
}

// walked is a subject whose decoder fails.
type walked struct{ codes }

func (w walked) Ends(context.Context, int) (from, to Codes, err error) {
	return Codes{Values: []float32{0}, Dim: 1}, Codes{Values: []float32{1}, Dim: 1}, nil
}
func (walked) Steps(context.Context, int, int) (*latent.Steps, error) { return nil, errLost }
func (walked) Decode(context.Context, []float32) ([]float32, error)   { return nil, errLost }
func (walked) Manifold(ctx context.Context, _ int) (*latent.Manifold, error) {
	return latent.NewManifold(ctx, []float32{0, 1, 2}, 1, 1)
}

var errLost = errors.New("the device is lost")

// A failure of the device is no score. It must not be kept as the reason why there is none.
func TestFailureIsNoScore(t *testing.T) {
	for _, m := range setting.Paths() {
		if s, err := m.Take(t.Context(), walked{}); !errors.Is(err, errLost) {
			t.Errorf("%s: %v, %v", m.Name, s, err)
		}
	}
}
