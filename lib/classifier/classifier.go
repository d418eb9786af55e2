package classifier

import (
	"context"
	"fmt"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/record"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Classifier is a trained classifier. Several goroutines may use it at the same time.
type Classifier struct {
	Config  Config
	Weights autoencoder.Weights
	Scores  []record.Score // accuracy on the training and on the test images
	Run     *record.Run    // nil: it is not kept
	Found   bool           // it was read instead of trained

	exec    *graph.Exec
	weights []any // on the device
}

func newClassifier(b *backend.Backend, c Config, w autoencoder.Weights) (*Classifier, error) {
	exec, err := b.Graph(fmt.Sprintf("classify %+v", c), func(nodes []*graph.Node) []*graph.Node {
		last := len(nodes) - 1
		features, logits := c.network(nodes[:last], nodes[last])
		return []*graph.Node{features, logits}
	})
	if err != nil {
		return nil, err
	}
	k := &Classifier{Config: c, Weights: w, exec: exec}
	for _, v := range w {
		k.weights = append(k.weights, tensors.FromFlatDataAndDimensions(v.Values, v.Shape...))
	}
	return k, nil
}

// Features returns the output of the last hidden layer for n images, [n, pixels] in [0, 1]: [n, Config.Features()].
// Convert grey levels with dataset.Floats.
func (k *Classifier) Features(ctx context.Context, images []float32) ([]float32, error) {
	features, _, err := k.run(ctx, images)
	return features, err
}

// Classify returns the most probable class of each of n images, [n, pixels] in [0, 1]: [n].
func (k *Classifier) Classify(ctx context.Context, images []float32) ([]uint8, error) {
	_, logits, err := k.run(ctx, images)
	if err != nil {
		return nil, err
	}
	n := k.Config.classes
	classes := make([]uint8, len(logits)/n)
	for i := range classes {
		row := logits[i*n : (i+1)*n]
		for class, logit := range row {
			if logit > row[classes[i]] {
				classes[i] = uint8(class)
			}
		}
	}
	return classes, nil
}

func (k *Classifier) run(ctx context.Context, images []float32) (features, logits []float32, err error) {
	out, err := backend.Rows(ctx, k.exec, k.weights, images, k.Config.pixels)
	if err != nil {
		return nil, nil, fmt.Errorf("classifier: %w", err)
	}
	return out[0], out[1], nil
}

// Accuracy is the share of a split's images whose class is predicted correctly. A split without images or without labels is an
// error.
func (k *Classifier) Accuracy(ctx context.Context, split dataset.Split) (float64, error) {
	if split.Len() == 0 || len(split.Labels) != split.Len() {
		return 0, fmt.Errorf("classifier: %d images and %d labels, want a label for each of one or more images", split.Len(), len(split.Labels))
	}
	classes, err := k.Classify(ctx, dataset.Floats(split.Images))
	if err != nil {
		return 0, err
	}
	right := 0
	for i, class := range classes {
		if class == split.Labels[i] {
			right++
		}
	}
	return float64(right) / float64(len(classes)), nil
}
