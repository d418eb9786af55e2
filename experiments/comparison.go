package experiments

import (
	"context"
	"maps"
	"slices"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/figure"
	"fashionlatent/lib/training"
)

// claims are the claims that the study tests. Those of the document that it follows come first.
var claims = []report.Claim{
	{Words: "it is more complete: fewer codes drawn from N(0, I) decode to images far from the data", Metric: metric.Holes, What: "share of holes", Digits: 3, Less: true},
	{Words: "it is more complete: codes drawn from N(0, I) decode to images that cover the data better", Metric: metric.Generated(metric.Prior, metric.Coverage), What: "coverage", Digits: 3},
	{Words: "a code drawn from N(0, I) decodes to an image with a meaning", Metric: metric.Generated(metric.Prior, metric.Precision), What: "precision", Digits: 3},
	{Words: "it is more continuous: the steps along a decoded path are more even", Metric: metric.StepRatio, What: "largest step over mean step", Digits: 2, Less: true},
	{Words: "it is more continuous: decoded paths jump less often", Metric: metric.Jumps, What: "share of steps that are jumps", Digits: 4, Less: true},
	{Words: "it is more continuous: the image decoded midway between two codes is like those of the data", Metric: metric.Midpoints, What: "share of midpoints", Digits: 3},
	{Words: "similar images have codes that are close to each other", Metric: metric.Continuity, What: "continuity of neighbourhoods", Digits: 3},
	{Words: "codes drawn from a small mixture fitted to it decode to images closer to the data", Metric: metric.Generated(metric.Mixtures, metric.FCD), What: metric.FCD, Digits: 2, Less: true},
	{Words: "codes drawn from a small mixture fitted to it decode to images closer to the data", Metric: metric.Generated(metric.Mixtures, metric.FCDConvolutional), What: metric.FCDConvolutional, Digits: 2, Less: true},
	{Words: "codes drawn from a small mixture fitted to it decode to images that lie among the data", Metric: metric.Generated(metric.Mixtures, metric.Precision), What: "precision (mixture)", Digits: 3},
	{Words: "codes drawn from a small mixture fitted to it decode to images that cover the data better", Metric: metric.Generated(metric.Mixtures, metric.Coverage), What: "coverage (mixture)", Digits: 3},
	{Words: "images are reconstructed better from it", Metric: metric.MSE, What: "MSE per pixel", Digits: 4, Less: true},
	{Words: "clusters in it agree better with the classes (mixture)", Metric: metric.Agreement(metric.Mixture, metric.ACC), What: "ACC", Digits: 3},
	{Words: "clusters in it agree better with the classes (mixture)", Metric: metric.Agreement(metric.Mixture, metric.NMI), What: "NMI", Digits: 3},
}

// Groups of columns of the comparison.
const (
	GroupReconstruction = "Reconstruction"
	GroupClusters       = "Clusters"
	GroupStructure      = "Structure"
	GroupPaths          = "Completeness and continuity"
	GroupGenerated      = "Images decoded from drawn codes"
)

// What the columns of groups mean.
const (
	structureNote = "Active units: the dimensions of the code that vary between images (posterior mean or code with a variance above 0.01). " +
		"Trustworthiness: 1 if the nearest neighbours of each code are also nearest neighbours among the pixels. Continuity: the same with codes and pixels exchanged. " +
		"Silhouette: how far the classes lie apart, from -1 to 1; values for codes of different sizes cannot be compared. 5 neighbours ACC and probe ACC: the share of correct images if a class is predicted from the code, by the five nearest training codes or by a linear classifier. These three need the classes, and the models never saw them. " +
		"MMD: squared maximum mean discrepancy between codes (VAE: one drawn from each posterior) and N(0, I), about 0 if they agree. IWAE NLL: importance-weighted estimate of the negative log-likelihood, nats per image, from 500 codes of each image, for at most the first 2,000 test images; more codes lower it."
	pathsNote = "Holes: the share of images decoded from N(0, I) that lie further from every training image than 99 % of the test images do (as many test images as decoded images are used, the same for all runs). " +
		"The straight line between the codes of two test images is divided into 16 steps. Step ratio: the largest change of the decoded image in a step over the mean change. " +
		"Jumps: the share of steps whose change, divided by the distance of the codes, is above the third quartile of all by more than 1.5 times the interquartile range. Path length: the sum of the changes, as Euclidean distances of pixels. " +
		"Midpoints in the data: the share of images decoded half-way that lie among up to 10,000 training images, drawn at random. An image lies among them if it is no further from one of them than that one's fifth nearest neighbour is."
	generatedNote = "Precision: the share of decoded images that lie among the test images. Recall: the share of test images that lie among the decoded ones. Density: how crowded decoded images are where test images lie; 1 for images of the data. Coverage: the share of test images with a decoded image near them."
)

// comparisonGroups returns the groups of columns of the comparison's table, and all their columns in order.
func comparisonGroups() (groups []report.Group, columns []column) {
	add := func(title, note string, of ...column) {
		groups = append(groups, report.Group{Title: title, Columns: heads(of), Note: note})
		columns = append(columns, of...)
	}
	add(GroupReconstruction, "", lossColumns...)
	add(GroupClusters, "", clusterColumns...)
	add(GroupStructure, structureNote, activeColumn, column{"trustworthiness", metric.Trustworthiness, 3}, column{"continuity", metric.Continuity, 3},
		column{"silhouette", metric.Silhouette, 3}, column{"5 neighbours ACC", metric.Neighbours, 3}, column{"probe ACC", metric.Probe, 3},
		column{"MMD to N(0, I)", metric.MMD, 4}, nllColumn)
	add(GroupPaths, pathsNote, column{"holes", metric.Holes, 3}, column{"step ratio", metric.StepRatio, 2}, column{"jumps", metric.Jumps, 4},
		column{"path length", metric.PathLength, 1}, column{"midpoints in the data", metric.Midpoints, 3})
	var generated []column
	for _, source := range metric.Sources {
		for _, f := range metric.ImageScores {
			generated = append(generated, generatedColumn(source, f))
		}
	}
	add(GroupGenerated, generatedNote, generated...)
	return groups, columns
}

// comparisonUnits are AE and VAE with narrow and with wide codes, each with several seeds, and the feature extractors.
func comparisonUnits(l *Lab) ([]unit, error) {
	units, err := referenceUnits(l, comparedSizes, l.Scale.Seeds, func(s metric.Setting) []metric.Metric {
		return slices.Concat(losses(s), clusterings(s), s.Structure(), []metric.Metric{s.NLL(), s.Holes()}, s.Paths(), s.Generation(metric.Sources...))
	})
	return withExtractors(l, units, err)
}

func comparisonReport(rows score.Rows, s lab.Setting) (*report.Report, error) {
	groups, columns := comparisonGroups()
	t := newTable("AE beside VAE", []string{"model", "d"}, columns)
	t.Groups = groups
	var pairs []report.Pair
	for _, size := range comparedSizes {
		of := func(model string) func(string) score.Summary {
			return func(name string) score.Summary { return onTest(rows, referenceName(model, size), name) }
		}
		for _, model := range lab.Models {
			addRow(&t, rows, referenceName(model, size), columns, modelCells(model, size)...)
		}
		pairs = append(pairs, report.Pair{Name: sizeName(size), First: of(autoencoder.AE), Second: of(autoencoder.VAE)})
	}
	r := &report.Report{Tables: append([]report.Table{t}, report.Verdicts(claims, pairs, name(autoencoder.AE), name(autoencoder.VAE))...)}
	r.Note = note(&s, s.Scale.Seeds) + extractorNote(rows) + fittedNote(&s) + laterNote
	picture(r, "images", "diagram-ae", "diagram-vae", "codes-2", "clusters-2", "certain-2", "codes-16", "clusters-16", "certain-16", "embedding-16", "manifold", "reconstructions", "samples", "sources", "curves")
	return r, nil
}

func comparisonPictures(ctx context.Context, l *Lab) (pictures, error) {
	ae, vae, err := l.Pair(ctx, lab.Narrow, 0)
	if err != nil {
		return nil, err
	}
	wideAE, wideVAE, err := l.Pair(ctx, lab.Wide, 0)
	if err != nil {
		return nil, err
	}
	all := []*training.Result{ae, vae, wideAE, wideVAE}
	planes, err := comparisonPlanes(ctx, l)
	if err != nil {
		return nil, err
	}
	more := pictures{
		"images":          func() (*figure.Figure, error) { return SampleImages(l, 10) },
		"diagram-ae":      func() (*figure.Figure, error) { return Diagram(ae.Config.Model) },
		"diagram-vae":     func() (*figure.Figure, error) { return Diagram(vae.Config.Model) },
		"codes-16":        func() (*figure.Figure, error) { return CodeScatter(ctx, l, wideAE, wideVAE) },
		"clusters-2":      func() (*figure.Figure, error) { return ClusterPlanes(ctx, l, ae, vae) },
		"clusters-16":     func() (*figure.Figure, error) { return ClusterPlanes(ctx, l, wideAE, wideVAE) },
		"certain-2":       func() (*figure.Figure, error) { return CertainImages(ctx, l, ae, vae) },
		"certain-16":      func() (*figure.Figure, error) { return CertainImages(ctx, l, wideAE, wideVAE) },
		"embedding-16":    func() (*figure.Figure, error) { return Embeddings(ctx, l, wideAE, wideVAE) },
		"reconstructions": func() (*figure.Figure, error) { return Reconstructions(ctx, l, all...) },
		"samples":         func() (*figure.Figure, error) { return PriorSamples(ctx, l, all...) },
		"sources":         func() (*figure.Figure, error) { return sourceSamples(ctx, l, metric.Sources, wideAE, wideVAE) },
		"curves":          func() (*figure.Figure, error) { return Curves(all...) },
	}
	maps.Copy(more, planes)
	return more, nil
}

// comparisonPlanes are the pictures of the codes of two dimensions. The first look shows them, too.
func comparisonPlanes(ctx context.Context, l *Lab) (pictures, error) {
	ae, vae, err := l.Pair(ctx, lab.Narrow, 0)
	return pictures{
		"codes-2":  func() (*figure.Figure, error) { return CodeScatter(ctx, l, ae, vae) },
		"manifold": func() (*figure.Figure, error) { return Manifolds(ctx, l, ae, vae) },
	}, err
}

// Summary is the comparison's table with its most important columns only.
func Summary(comparison *report.Report) report.Table {
	return comparison.Tables[0].Select("model", "d", mseColumn.head, crossEntropyColumn.head, boundColumn.head,
		metric.Agreement(metric.KMeans, metric.ACC), metric.Agreement(metric.Mixture, metric.ACC), metric.Agreement(metric.Mixture, metric.NMI))
}
