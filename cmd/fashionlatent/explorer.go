package main

import (
	"context"
	"path/filepath"

	"fashionlatent/experiments"
	"fashionlatent/experiments/lab"
)

// Pages beside the index.
const (
	explorerPage = "explorer.html"
	documentPage = "document.html"
)

// writeExplorer writes the latent explorer to a file, with the published models or with those of the scale.
func writeExplorer(ctx context.Context, o lab.Options, published bool, path string) error {
	l, err := lab.Open(ctx, o)
	if err != nil {
		return err
	}
	defer l.Close()
	if published {
		return experiments.WritePublishedExplorer(ctx, l, path)
	}
	return experiments.WriteExplorer(ctx, l, path)
}

// explore is the command that writes the latent explorer.
func explore(ctx context.Context, c *call) error {
	o := c.labFlags()
	published := c.Bool("published", false, "show the published models, and train none; the page has no earlier epochs")
	out := c.String("out", "", "`file` to write, or - for standard output (default: html/explorer.html in the folder of the tables)")
	if _, err := c.parse(0); err != nil {
		return err
	}
	if *out != "" {
		if err := c.checkOut(*out, ".html"); err != nil {
			return err
		}
	}
	if *out == "" {
		_, tables, err := lab.Source(ctx, *o)
		if err != nil {
			return err
		}
		*out = filepath.Join(tables, "html", explorerPage)
	}
	return c.writeOut(*out, ".html", func(path string) error { return writeExplorer(ctx, *o, *published, path) })
}
