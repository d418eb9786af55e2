// Clusters fits k-means and a Gaussian mixture to codes with this project, and reports as peers/sklearn_clusters.py
// does. With -make it instead trains an autoencoder and writes the codes.
package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"flag"
	"log"
	"os"
	"time"

	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/backend"
	"fashionlatent/lib/cluster"
	"fashionlatent/lib/fashion"
	"fashionlatent/lib/training"
)

const (
	dim        = 16
	components = 10
	iterations = 30 // iterations of EM from the start that both sides share
)

func main() {
	data := flag.String("data", "", "`folder` of Fashion-MNIST's four files")
	images := flag.Int("images", 60_000, "`number` of training images whose codes are made")
	codes := flag.String("codes", "codes.f32", "`file` of the codes, [n, 16] float32")
	start := flag.String("start", "start.u8", "`file` to write the start of the mixture to: a cell for each code, [n] uint8")
	seed := flag.Uint64("seed", 0, "`seed` of the starts")
	make := flag.Bool("make", false, "make the codes, and no clusters")
	flag.Parse()
	ctx := context.Background()
	err := error(nil)
	if *make {
		err = makeCodes(ctx, *data, *images, *codes)
	} else {
		err = clusters(ctx, *codes, *start, *seed)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// makeCodes writes the codes of the training images, by an autoencoder that is trained for 5 epochs.
func makeCodes(ctx context.Context, folder string, images int, path string) error {
	device, err := backend.Open()
	if err != nil {
		return err
	}
	defer device.Close()
	data, err := fashion.Load(ctx, fashion.Source{Path: folder})
	if err != nil {
		return err
	}
	data = data.Head(images, data.Test.Len())
	c := training.Default(autoencoder.Default(autoencoder.AE, dim), 0)
	c.Epochs = 5
	r, err := training.Fit(ctx, device, data, c, training.Options{})
	if err != nil {
		return err
	}
	codes, _, err := r.Model.Encode(ctx, data.Train.Images)
	if err != nil {
		return err
	}
	var content bytes.Buffer
	if err := binary.Write(&content, binary.LittleEndian, codes); err != nil {
		return err
	}
	return os.WriteFile(path, content.Bytes(), 0o644)
}

func clusters(ctx context.Context, path, startPath string, seed uint64) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	x := make([]float32, len(content)/4)
	if err := binary.Read(bytes.NewReader(content), binary.LittleEndian, x); err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	report := func(task string, seconds, objective float64, iterations int) {
		out.Encode(map[string]any{"task": task, "seconds": seconds, "objective": objective, "iterations": iterations})
	}

	started := time.Now()
	k, err := cluster.FitKMeans(ctx, x, dim, cluster.KMeansConfig{K: components, Restarts: 10, Seed: seed})
	if err != nil {
		return err
	}
	report("k-means", time.Since(started).Seconds(), k.Inertia, k.Iterations)

	started = time.Now()
	m, err := cluster.FitMixture(ctx, x, dim, cluster.MixtureConfig{K: components, Seed: seed})
	if err != nil {
		return err
	}
	report("mixture", time.Since(started).Seconds(), m.LogLikelihood, m.Iterations)

	// FitMixture starts from a k-means fit with the same seed. The time of that fit is subtracted here.
	started = time.Now()
	k, err = cluster.FitKMeans(ctx, x, dim, cluster.KMeansConfig{K: components, Restarts: 1, Seed: seed})
	if err != nil {
		return err
	}
	starting := time.Since(started)
	cells := make([]byte, len(k.Labels))
	for i, label := range k.Labels {
		cells[i] = byte(label)
	}
	if err := os.WriteFile(startPath, cells, 0o644); err != nil {
		return err
	}
	started = time.Now()
	m, err = cluster.FitMixture(ctx, x, dim,
		cluster.MixtureConfig{K: components, MaxIterations: iterations, Tolerance: 1e-30, Seed: seed})
	if err != nil {
		return err
	}
	report("EM", (time.Since(started) - starting).Seconds(), m.LogLikelihood, m.Iterations)
	return nil
}
