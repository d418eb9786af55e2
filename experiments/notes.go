package experiments

import (
	"fmt"
	"strings"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/experiments/report"
	"fashionlatent/experiments/score"
	"fashionlatent/lib/fashion"
	"fashionlatent/lib/show"
)

// listed are numbers in words, such as "1, 2, 4".
func listed(numbers []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(numbers), " ", ", "), "[]")
}

// fittedNote says to which codes the sources of codes are fitted.
func fittedNote(s *lab.Setting) string {
	return fmt.Sprintf(" Gaussian and mixture (a small one, of %d Gaussians), as sources of codes: fitted to codes of the training images (VAE: one drawn from each posterior).", s.K)
}

// scored states which images and runs the scores of a table belong to.
func scored(s *lab.Setting, seeds int) string {
	spread := ""
	if seeds > 1 {
		spread = " Mean ± standard deviation over the seeds."
	}
	return fmt.Sprintf("Scores on the %s test images after %d epochs on %s training images; column n of scores.csv says where fewer images or codes were used.%s",
		show.Count(s.Test), s.Scale.Epochs, show.Count(s.Train), spread)
}

// note is scored, followed by what losses and clusters are.
func note(s *lab.Setting, seeds int) string {
	return scored(s, seeds) + fmt.Sprintf(" MSE: mean squared error per pixel. Cross-entropy, KL and −ELBO: nats per image. A VAE's reconstructions use the posterior mean. Its −ELBO, an upper bound of the negative log-likelihood, uses codes drawn from the posterior. For grey pixels, which are not binary, the likelihood is one in form only. "+
		"Clusters: %d, fitted without labels to the codes of the training images (VAE: posterior means).", s.K)
}

// sweepOf is the end of the caption of a chart of scores with their spread. It names the runs.
func sweepOf(s *lab.Setting, experiment string, seeds int) string {
	return sweepShowing(s, experiment, seeds, "mean and standard deviation")
}

// sweepShowing is sweepOf for a chart that shows something else of several seeds, in words.
func sweepShowing(s *lab.Setting, experiment string, seeds int, shown string) string {
	which := "seed 0"
	if seeds > 1 {
		which = fmt.Sprintf("%s over the seeds 0 to %d", shown, seeds-1)
	}
	return fmt.Sprintf(" Runs of the experiment %s at scale %s, %s.", experiment, s.Scale.Name, which)
}

// oneSeed is the end of the caption of a figure with agreements of clusters of one seed. It says how far seeds differ, so that
// noise is not taken for news. With several seeds, the figure shows it.
func oneSeed(s *lab.Setting, seeds int) string {
	if seeds > 1 {
		return ""
	}
	text := " One seed does not show how far seeds differ."
	if s.Dataset == fashion.Name {
		text += fmt.Sprintf(" Over the %d seeds of the published comparison, the standard deviation of ACC is %s to %s, and that of NMI %s to %s.", lab.Full.Seeds,
			decimals(seedDeviations.acc[0]), decimals(seedDeviations.acc[1]), decimals(seedDeviations.nmi[0]), decimals(seedDeviations.nmi[1]))
	}
	return text
}

// seedDeviations are the smallest and the largest standard deviation over seeds of the agreements of k-means and mixtures in
// results/comparison, to two decimals.
var seedDeviations = struct{ acc, nmi [2]float64 }{[2]float64{.01, .06}, [2]float64{.01, .02}}

// extractorNote states how decoded images were compared, and what training images score.
func extractorNote(rows score.Rows) string {
	of := rows.Of(extractor, metric.Generated(metric.Floor, metric.FCD), metric.Test)
	if of.Summary().N() == 0 {
		return ""
	}
	var floors []string
	for _, f := range metric.ImageScores {
		floors = append(floors, f+" "+report.Score(onTest(rows, extractor, metric.Generated(metric.Floor, f)), generatedColumn(metric.Floor, f).digits).String())
	}
	accuracy := func(name string) string {
		return report.Score(onTest(rows, extractor, metric.Accuracy(name)), 3).String()
	}
	return fmt.Sprintf(" Decoded images: %s from each model are compared with equally many test images in the last hidden layer of a classifier. FCD is the Fréchet classifier distance in the features of a fully connected classifier with accuracy %s. "+
		"FCD (conv) is the same distance in the features of a convolutional classifier with accuracy %s. The other scores use the fully connected one. Both have seed 0. Equally many training images score %s.",
		show.Count(of[0].N), accuracy(metric.Connected), accuracy(metric.Convolutional), strings.Join(floors, ", "))
}

// decimals formats a share with two decimals and without a leading zero, as in .52.
func decimals(x float64) string { return strings.TrimPrefix(fmt.Sprintf("%.2f", x), "0") }

// laterNote says which tests were not planned from the start.
const laterNote = " The tests of continuity, precision (mixture), coverage (mixture) and NMI were added to the study after their scores were known."
