package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"fashionlatent/experiments"
	"fashionlatent/experiments/metric"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/export/codes"
	"fashionlatent/lib/export/parquet"
	"fashionlatent/lib/export/projector"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

// embed writes codes in the format of the file's ending.
func embed(ctx context.Context, c *call) error {
	split := c.String("split", metric.All, "`split` of the data set: "+strings.Join(experiments.Splits, ", "))
	from := c.String("images", "", "`file` of grey images to encode instead of the data set's: an .npz or .npy file of uint8 [n, rows, columns], a PNG file, or a folder of PNG files")
	tsne := c.Bool("tsne", false, "also lay the codes out in the plane by t-SNE, as tsne_x and tsne_y: at most 20,000 codes, such as those of -split test. The layout is kept with the run")
	c.checks = append(c.checks, func() error {
		switch {
		case !slices.Contains(experiments.Splits, *split):
			return fmt.Errorf("-split is %q, want one of %s", *split, strings.Join(experiments.Splits, ", "))
		case *from != "" && c.given("split"):
			return errors.New("-split is given with -images, want only one of them: other images have no splits")
		}
		return nil
	})
	table := func(path string) bool {
		return slices.Contains([]string{".tsv", ".parquet"}, strings.ToLower(filepath.Ext(path)))
	}
	stored := func(path string) bool { return *from != "" && !table(path) }
	return c.fromRun(ctx, "codes.npz", stored, func(l *experiments.Lab, r *training.Result, path string) error {
		var images dataset.Split
		var files []string
		var err error
		if *from != "" {
			if images, files, err = dataset.ReadImages(ctx, *from); err != nil {
				return err
			}
		}
		switch {
		case stored(path):
			return experiments.EmbedImages(ctx, c.errOut, r, images, *tsne, path)
		case !table(path):
			return experiments.Embed(ctx, l, r, *split, *tsne, path)
		}
		var t *codes.Table
		if *from == "" {
			t, err = experiments.CodeTable(ctx, l, r, *split, *tsne)
		} else {
			t, err = experiments.CodeTableOf(ctx, l, r, images, files, *tsne)
		}
		if err != nil {
			return err
		}
		if strings.EqualFold(filepath.Ext(path), ".parquet") {
			return record.WriteFile(path, func(w io.Writer) error { return parquet.Write(w, t) })
		}
		paths, err := projector.Write(path, t)
		if err == nil {
			fmt.Fprintln(c.errOut, "beside it:", strings.Join(paths[1:], ", "))
		}
		return err
	}, ".parquet", ".tsv")
}

// decode writes a picture, or arrays for NumPy if the file's name ends in .npz.
func decode(ctx context.Context, c *call) error {
	from := c.String("codes", "", "`file` of codes: an .npz or .npy file of float32 or float64 [n, d], or a .tsv file with a row of d numbers for each code")
	array := c.String("array", "codes", "`name` of the array of codes in an .npz file that holds several arrays")
	c.checks = append(c.checks, func() error {
		if *from == "" {
			return errors.New("-codes is missing: want a file of codes, such as one that embed or sample wrote")
		}
		return nil
	})
	return c.fromStored("images.npz", func(r *training.Result, path string) error {
		values, err := experiments.ReadCodes(*from, *array, r.Config.Model.Latent)
		if err != nil {
			return err
		}
		return experiments.Decode(ctx, r, values, path)
	}, ".png")
}
