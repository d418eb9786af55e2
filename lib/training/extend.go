package training

import (
	"fmt"
	"reflect"

	"fashionlatent/lib/record"
)

// extend takes up a finished run that differs from this one only in having fewer epochs, if there is one and the first
// epochs of both are the same: the learning rate and the weight of the KL term may not depend on the length of training.
func (t *trainer) extend() {
	run, epochs := t.shorter()
	if run == nil {
		return
	}
	if t.config.FinalRate != t.config.LearningRate || t.config.Model.Warmup != 0 {
		t.Say(fmt.Sprintf("run %s is the same with %d epochs, but its schedule was spread over them: training %d from the start "+
			"(with equal learning rates at start and end, and no warm-up, it would be continued)", run.Name(), epochs, t.config.Epochs))
		return
	}
	found, err := readCheckpoint(checkpointPath(run, epochs), t.config.Model)
	if err != nil {
		t.Say(fmt.Sprintf("run %s cannot be continued: %v", run.Name(), err))
		return
	}
	if t.lacksSnapshots(epochs) {
		return
	}
	t.done = *found
	t.Say(fmt.Sprintf("run %s continues run %s after its %d epochs", t.run.Name(), run.Name(), epochs))
}

// shorter finds the longest finished run that has fewer epochs and is else the same; nil if there is none.
func (t *trainer) shorter() (longest *record.Run, epochs int) {
	runs, _ := t.Runs.List() // what is damaged is of no use here
	own := spec{t.config, t.data.Checksum, method}
	for _, run := range runs {
		var s spec
		if run.Spec(&s) != nil || s.Epochs >= own.Epochs || s.Epochs <= epochs {
			continue
		}
		before := s.Epochs
		if s.Epochs = own.Epochs; !reflect.DeepEqual(s, own) {
			continue
		}
		if manifest, err := run.Manifest(); err == nil && manifest.State == record.Finished && manifest.Backend == t.backend.Kind {
			longest, epochs = run, before
		}
	}
	return longest, epochs
}
