package experiments

import (
	"fmt"

	"fashionlatent/experiments/lab"
	"fashionlatent/experiments/metric"
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/fashion"
	"fashionlatent/lib/show"
)

const documentLead = "The study follows the document \"Representation learning on Fashion-MNIST\" by Mukul Agarwal, Vishal A Raheja, Sonakshi Gupta and Vaibhav Tyagi (project mentor: Minqian Chen), Ilmenau University of Technology. " +
	"This page lists the document's claims with the verdicts. Then it goes through the document's table, seven figures and claims, and shows what the study has for each: settings, figures, numbers and tests. The page is made from the reports of the experiments."

// documentClasses are the classes of the document's Table I, by index.
var documentClasses = []string{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"}

// classTable is the part about the document's Table I.
func classTable() Part {
	t := show.Table{Header: []string{"index", "the document", "this study"}}
	for i, name := range documentClasses {
		t.Rows = append(t.Rows, []string{fmt.Sprint(i), name, fashion.ClassNames[i]})
	}
	return Part{Title: "Table I: the classes", Quote: "TABLE I: Fashion MNIST Categorization of Apparel",
		Text: "The classes and their numbers are those of the data set. Labels are used to score and to colour figures. Autoencoders are trained and clusters are found without them.", Tables: []show.Table{t}}
}

// settingTable is the part about what the document says of data, networks and training. It has no table of these.
func settingTable(s lab.Setting) Part {
	c := s.Config(autoencoder.VAE, lab.Wide, 0)
	data := "the same, known by their checksums"
	if s.Train > 0 {
		data = fmt.Sprintf("%s training and %s test images, known by their checksums", show.Count(s.Train), show.Count(s.Test))
	}
	return Part{Title: "Data, networks and training",
		Text: "The document has no table of these settings. The column \"the document\" has what its text says, and the column \"this study\" the settings of the reference models.",
		Tables: []show.Table{{Header: []string{"", "the document", "this study"}, Rows: [][]string{
			{"images", "60,000 to train and 10,000 to test, grey, 28 x 28 pixels", data},
			{"preparation", "normalised to a maximum of 255", "grey values divided by 255"},
			{"augmentation", "to make the data more diverse; which one is not said", "none in the reference models; the experiment augmentation tries mirrored, moved and noisy images"},
			{"network", "fully connected", fmt.Sprintf("fully connected, with the activation %s", c.Model.Activation)},
			{"decoder", "mirror image of the encoder", "mirror image of the encoder"},
			{"size of the code", "chosen before training; no number is given", fmt.Sprintf("%d and %d; %s in the experiment latent-size", lab.Narrow, lab.Wide, listed(s.Scale.LatentSizes))},
			{"layers and nodes", "free to choose; no number is given", fmt.Sprintf("hidden layers of %s nodes; others in the experiment architecture", listed(c.Model.Hidden))},
			{"loss", "reconstruction loss, which is not named, and for the VAE the KL divergence", fmt.Sprintf("cross-entropy summed over pixels, and for the VAE the KL divergence with weight %g; others in the experiment loss", c.Model.Beta)},
			{"prior of the VAE", "Gaussian with zero mean and unit variance", "N(0, I)"},
			{"posterior of the VAE", "vectors of means and standard deviations", "vectors of means and log-variances"},
			{"optimiser", "backpropagation with any optimization function", fmt.Sprintf("Adam; the learning rate rises to %g in the first %g %% of training and falls to %g from %g %% on", c.LearningRate, 100*c.RateWarmup, c.FinalRate, 100*c.RateHold)},
			{"epochs", "not said", fmt.Sprintf("%d; %d in the experiment epochs", c.Epochs, s.Scale.LongEpochs)},
			{"batch", "not said", fmt.Sprint(c.Batch)},
			{"seeds", "not said", fmt.Sprintf("%d in the comparison", s.Scale.Seeds)},
			{"clustering", "no method and no score is named", fmt.Sprintf("k-means, Gaussian mixtures and communities of nearest neighbours with %d clusters; ACC, NMI and ARI", s.K)},
			{"framework", "Keras, Python", "GoMLX, Go"},
		}}}}
}

// documentFigures are the document's figures, with the figures of this study for each.
var documentFigures = []struct {
	title, caption, text string
	pictures             []string
}{
	{"Figure 1: sample images", "Fig. 1: Sample Image of Fashion-MNIST Dataset [...]", "The notebook notebooks/1-dataset.ipynb shows more. The first row of the figure comparison/reconstructions has a test image of each class.", []string{"comparison/images"}},
	{"Figure 2: the autoencoder", "Fig. 2: Block diagram of Autoencoder [...]", "The diagram is drawn from the configuration of the model.", []string{"comparison/diagram-ae"}},
	{"Figure 3: clusters of the autoencoder", "Fig. 3: Clustering Representation of Basic Autoencoder", "With 2 dimensions, the plane shows the whole code. The autoencoder is at the left in the first figure, and above in the others. The second figure shows the clusters beside the classes, and the third one images of each cluster. The document says of its figures 3 and 4: \"As we can observe from the images how the latent space is distributed both of the cases.\" (VII, Results)",
		[]string{"comparison/codes-2", "comparison/clusters-2", "comparison/certain-2"}},
	{"Figure 4: clusters of the variational autoencoder", "Fig. 4: Clustering Representation of Variational Autoencoder", "The VAE is at the right or below in the figures above, and in these of 16 dimensions. The plane is that of the first two principal components. All 16 dimensions have a part in the layout by t-SNE.",
		[]string{"comparison/codes-16", "comparison/clusters-16", "comparison/embedding-16"}},
	{"Figure 5: the variational autoencoder", "Fig. 5: Block diagram of variational autoencoder [...]", "The diagram is drawn from the configuration of the model.", []string{"comparison/diagram-vae"}},
	{"Figures 6 and 7: the latent manifolds", "Fig. 6: Visualization of the latent manifold for Autoencoder. Fig. 7: Visualization of the latent manifold for Variational Autoencoder",
		"Both manifolds are in one figure, the autoencoder (Fig. 6) at the left and the VAE (Fig. 7) at the right. The grid lies at quantiles of the codes for the autoencoder, and at quantiles of the prior for the VAE.",
		[]string{"comparison/manifold"}},
}

// documentClaim is a claim or an aim of the document.
type documentClaim struct {
	words          string // in short
	quote, section string // the document's words, and where they are
	text           string
	metrics        []string // of the claims of the comparison that test it
	measured       string   // what is measured, if nothing tests it
	images         bool     // decoded images are compared, and the text says how
	excerpts       []excerpt
	pictures       []string
}

// documentClaims are the document's claims and aims in the order of their importance for its conclusion.
var documentClaims = []documentClaim{
	{words: "the space of the VAE is more complete", quote: "The latent space in VAE is more continuous and complete as compared to the Autoencoder.", section: "VIII, Conclusion",
		text:    "Complete means that every code decodes to an image like those of the data. Codes are drawn from N(0, I).",
		metrics: []string{metric.Holes, metric.Generated(metric.Prior, metric.Coverage)}},
	{words: "the space of the VAE is more continuous", quote: "The latent space in VAE is more continuous and complete as compared to the Autoencoder.", section: "VIII, Conclusion",
		text:     "Continuous means that a small step in the space is a small change of the image. Steps are measured along straight lines between the codes of test images, after decoding.",
		metrics:  []string{metric.StepRatio, metric.Jumps, metric.Midpoints},
		pictures: []string{"generation/interpolations"}},
	{words: "a sampled code decodes to an image with a meaning", section: "VIII, Conclusion",
		quote:    "Hence if we sample a point in the VAE latent space and pass it through the decoder we will get an image that has some meaning attached to it. As compared to the Autoencoder's latent space.",
		metrics:  []string{metric.Generated(metric.Prior, metric.Precision)},
		pictures: []string{"comparison/samples", "comparison/sources"}},
	{words: "similar images have codes close to each other", section: "IV, Variational autoencoder",
		quote:   "Because of this the latent space is more continuous and complete in the sense that, similar images having the similar latent space are mapped close to each other.",
		text:    "Continuity, a score of neighbourhoods, is 1 if the nearest neighbours of an image among the pixels are also nearest neighbours of its code. Trustworthiness is the same with pixels and codes exchanged.",
		metrics: []string{metric.Continuity},
		excerpts: []excerpt{{experiment: Comparison,
			columns: []string{"model", "d", "seeds", metric.Continuity, metric.Trustworthiness, metric.Neighbours}}}},
	{words: "new images can be made from sampled codes", section: "IV, Variational autoencoder",
		quote:  "Since the model knows the features or images rather than discrete values as Gaussian distributions, it is able to be used to produce new images.",
		text:   "The source of the codes matters. A mixture of Gaussians can be fitted to the codes of either model after training.",
		images: true,
		metrics: []string{metric.Generated(metric.Mixtures, metric.FCD), metric.Generated(metric.Mixtures, metric.FCDConvolutional),
			metric.Generated(metric.Mixtures, metric.Precision), metric.Generated(metric.Mixtures, metric.Coverage)},
		excerpts: []excerpt{{experiment: Generation, columns: []string{"model", "d", "source", "seeds", metric.FCD, metric.Precision, metric.Coverage},
			column: "d", keep: []string{"2", "16"}}}},
	{words: "images are reconstructed", section: "VI, Experimentation",
		quote:    "[...] make a competitive analysis on the basis of the representation of the latent space and how well we can reconstruct the new images from the sampled latent space.",
		text:     "Here test images are reconstructed from their own codes. Images decoded from sampled codes are tested by the claims before this one.",
		metrics:  []string{metric.MSE},
		excerpts: []excerpt{{experiment: Comparison, columns: []string{"model", "d", "seeds", "MSE", "cross-entropy"}}},
		pictures: []string{"comparison/reconstructions"}},
	{words: "the data itself gives the classes, without labels", section: "I, Introduction",
		quote:   "[...] our motivation is to rule out labels and use the information from the data itself to classify into respective classes.",
		text:    "ACC is the share of images that are right when each cluster is assigned to one class in the best way. Pixels and principal components are compared with the codes of the models. For the verdicts, one mixture is fitted to the codes of the training images, and test images are scored. In the experiment clustering, mixtures are fitted to all images from three starts, and all images are scored.",
		metrics: []string{metric.Agreement(metric.Mixture, metric.ACC), metric.Agreement(metric.Mixture, metric.NMI)},
		excerpts: []excerpt{{experiment: Clustering, columns: []string{"representation", "method", "seeds", "ACC, all", "NMI, all", "ARI, all"},
			column: "representation", keep: []string{pixels, pcaWide, aeWide, vaeWide}}},
		pictures: []string{"clustering/accuracy", "comparison/certain-16"}},
	{words: "clusters form with the epochs", quote: "Cluster classification representation of the latent space with respect to epochs.", section: "VI, Experimentation", measured: "agreement of clusters with classes after some epochs",
		excerpts: []excerpt{{experiment: Epochs, columns: []string{"model", "d", "epoch", "seeds", "k-means ACC", "k-means NMI", "mixture ACC", "mixture NMI", "communities ACC", "communities NMI"},
			column: "epoch", keep: []string{"0", "1", "5", largest}}},
		pictures: []string{"epochs/codes-ae", "epochs/codes-vae", "epochs/measures", "epochs/classes-mixture"}},
	{words: "clustering finds natural clusters and odd objects", section: "V, Clustering",
		quote:    "[...] looking for \"natural clusters\" and defining their unexplained properties, identifying relevant and sufficient clusters or finding odd data objects in the dataset.",
		measured: "the number of clusters that three criteria propose; how well scores of the models detect odd images (AUROC)",
		text:     "The criteria do not know the classes. AUROC is 0.5 by chance and 1 if every odd image has a larger score than every test image.",
		excerpts: []excerpt{{experiment: Clustering, table: numberTitle, columns: []string{"data", "classes", "seeds", "BIC", "modularity", "stability"}},
			{experiment: Outliers, columns: []string{"trained on", "others", "model", "runs", metric.OfSquaredError, metric.OfBound, metric.OfMixture, metric.OfNearest}}},
		pictures: []string{"outliers/auroc", "outliers/extremes"}},
	{words: "the model gives images a chance to occur", section: "IV, Variational autoencoder",
		quote:    "The model basically learns typical features of the training images and assigns them some chance that they will occur.",
		measured: "−ELBO and importance-weighted negative log-likelihood of the test images, in nats",
		text:     "Grey pixels are not binary, so these numbers have only the form of a likelihood. The experiment likelihood measures images of black and white pixels by the published protocol.",
		excerpts: []excerpt{{experiment: Comparison, columns: []string{"model", "d", "seeds", "−ELBO", "IWAE NLL"}, column: "model", keep: []string{"VAE"}}}},
	{words: "irrelevant features are ignored", section: "III, Autoencoder",
		quote:    "By nature, Autoencoder reduces the dimensions of data by studying how to ignore the irrelevant features in the data [2].",
		measured: "scores on unchanged test images after training with noise on the encoder's input",
		text:     "Noise says nothing about the image. The models are trained to reconstruct the image without it.",
		excerpts: []excerpt{{experiment: Augmentation, columns: []string{"model", "augmentation", "seeds", "MSE", "mixture ACC", "prior coverage", "mixture coverage"},
			column: "augmentation", keep: []string{"none", "noise .2"}}}},
	{words: "the KL divergence keeps the codes near the prior", quote: "The KL divergence loss keeps the track of the latent distribution in addition with reconstruction loss.", section: "IV, Variational autoencoder",
		measured: "KL in nats, active units, MMD of the codes to N(0, I)",
		text:     "MMD is the squared maximum mean discrepancy between codes (VAE: one drawn from each posterior) and N(0, I). It is about 0 if both distributions are the same. Active units are the dimensions of the code that vary with the image. The document names the KL as the cause of a more continuous and complete space. The experiment loss trains with other weights of the KL (beta) and measures what images drawn from N(0, I) then cover.",
		excerpts: []excerpt{{experiment: Comparison, columns: []string{"model", "d", "seeds", "KL", "active units", "MMD to N(0, I)"}},
			{experiment: Loss, columns: []string{"model", "loss", "beta", "seeds", "KL", "prior coverage"}, column: "loss", keep: []string{"bce"}}}},
	{words: "smaller codes compress more", quote: "Size of the code: It is the number of middle layer nodes. More compression results from smaller code sizes.", section: "III.B, Architecture of an Autoencoder",
		measured: "MSE against the size of the code, beside principal components",
		excerpts: []excerpt{{experiment: LatentSize, columns: []string{"model", "d", "seeds", "MSE", "KL", "active units", "mixture ACC"}}}, pictures: []string{"latent-size/sweep"}},
	{words: "layers and nodes can be changed", quote: "These criteria are not fixed and we can change them according to our requirements.", section: "III.B, Architecture of an Autoencoder", measured: "losses and clusters for several networks",
		excerpts: []excerpt{{experiment: Architecture, columns: []string{"model", "hidden layers", "weights", "seeds", "MSE", "−ELBO", "mixture ACC"}}}, pictures: []string{"architecture/sweep"}},
	{words: "the loss measures how well the data are modelled", quote: "Loss function: It's a way of determining how well the basic algorithm models the data provided.", section: "III.B, Architecture of an Autoencoder", measured: "losses, clusters and coverage by images from the prior, for several losses and weights of the KL",
		excerpts: []excerpt{{experiment: Loss, columns: []string{"model", "loss", "beta", "seeds", "MSE", "cross-entropy", "KL", "−ELBO", "active units", "mixture ACC", "prior coverage"}}},
		pictures: []string{"loss/curve", "loss/reconstructions"}},
	{words: "augmentation makes the data more diverse", quote: "[...] data augmentation will be done to make the dataset more diverse [6].", section: "VI, Experimentation", measured: "scores on unchanged test images for several augmentations",
		excerpts: []excerpt{{experiment: Augmentation, columns: []string{"model", "augmentation", "seeds", "MSE", "mixture ACC", "prior coverage", "mixture coverage"}}}, pictures: []string{"augmentation/sweep"}},
}
