package lab

import (
	"fashionlatent/lib/autoencoder"
	"fashionlatent/lib/dataset"
	"fashionlatent/lib/record"
	"fashionlatent/lib/training"
)

// Models are the models that are compared.
var Models = []string{autoencoder.AE, autoencoder.VAE}

// The code sizes that are compared. Wide is also the code size of experiments that vary something else.
const (
	Narrow = 2
	Wide   = 16
)

// ReferenceJob is the reference run of a model. It keeps the snapshots that the epochs experiment and the explorer
// show.
func (s *Setting) ReferenceJob(model string, latent int, seed uint64) Job {
	j := Job{Config: s.Config(model, latent, seed)}
	// The explorer shows the codes after several epochs. If the long runs of the epochs experiment are no longer than the reference
	// runs, both are the same runs.
	seeds := uint64(1)
	if j.Config.Epochs == s.Scale.LongEpochs {
		seeds = uint64(s.Scale.Seeds)
	}
	if (latent == Narrow || latent == Wide) && seed < seeds {
		j.Snapshots = s.Snapshots()
	}
	return j
}

// ReferenceJobs are the reference runs of both models with the given code sizes and seeds 0 to seeds-1.
func (s *Setting) ReferenceJobs(sizes []int, seeds int) []Job {
	var all []Job
	for _, latent := range sizes {
		for seed := range seeds {
			for _, model := range Models {
				all = append(all, s.ReferenceJob(model, latent, uint64(seed)))
			}
		}
	}
	return all
}

// Job is a run that an experiment needs.
type Job struct {
	Config    training.Config
	Snapshots []int  // epochs whose weights are kept
	Derived   string // name of the data set, for Lab.Dataset
	Threads   int    // of the backend, on which the last bits of the result depend; 0: those with which it was begun, else as many as Prepare chooses
}

// RunOf returns the run of a configuration on the data set that a job names, and that data set.
func (l *Lab) RunOf(derived string, c training.Config) (*record.Run, *dataset.Dataset, error) {
	data, err := l.Dataset(derived)
	if err != nil {
		return nil, nil, err
	}
	run, err := training.RunOf(l.Runs, data, c)
	return run, data, err
}

// Finished returns the run of a job and its data set. there: the run is finished, with the snapshots that the job keeps.
func (l *Lab) Finished(j Job) (run *record.Run, data *dataset.Dataset, there bool, err error) {
	if run, data, err = l.RunOf(j.Derived, j.Config); err != nil {
		return nil, nil, false, err
	}
	there, err = training.Exists(run, j.Config, j.Snapshots)
	return run, data, there, err
}
