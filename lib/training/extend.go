package training

import (
	"fmt"
	"reflect"
	"strings"

	"fashionlatent/lib/record"
)

// extend continues a finished run that differs from this one only in having fewer epochs, if there is one whose epochs
// equal the first epochs of this run. For that the learning rate and the weight of the KL must not depend on the length
// of training, and the backend must be the same. last is the last epoch up to which all wanted snapshots exist, and the
// shorter run must not be longer than that. It returns the manifest of the continued run, or an empty one.
func (t *trainer) extend(last int) record.Manifest {
	run, epochs, from := t.shorter()
	if run == nil || t.config.Patience > 0 {
		return record.Manifest{}
	}
	why := ""
	found, err := readCheckpoint(run, epochs, t.config)
	switch {
	case !t.config.fixedRate() || t.config.Model.Warmup != 0:
		why = "its schedule was made for that number (a run with equal learning rates at start and end and no warm-up would be continued)"
	case from.Backend != t.backend.Kind:
		why = fmt.Sprintf("it was trained on %s, not on %s", from.Backend, t.backend.Kind)
	case epochs > last:
		why = fmt.Sprintf("it has no snapshot of epoch %d", last+1)
	case err != nil:
		why = fmt.Sprintf("it cannot be continued (%v)", err)
	}
	if why != "" {
		t.Say(fmt.Sprintf("run %s is the same with %d epochs, but %s: training %d from the start", run.Name(), epochs, why, t.config.Epochs))
		return record.Manifest{}
	}
	t.done = *found
	t.Say(fmt.Sprintf("run %s continues run %s after its %d epochs", t.run.Name(), run.Name(), epochs))
	return from
}

// shorter returns the longest finished run that has fewer epochs and is otherwise the same; nil if there is none.
func (t *trainer) shorter() (longest *record.Run, epochs int, of record.Manifest) {
	runs, _ := t.Runs.List() // damaged runs cannot be continued, so their errors do not matter
	own := spec{t.config, t.data.Checksum, method}
	for _, run := range runs {
		if !strings.HasPrefix(run.Name(), t.config.family()) {
			continue // another model or code size
		}
		var s spec
		if run.Spec(&s) != nil || s.Epochs >= own.Epochs || s.Epochs <= epochs {
			continue
		}
		before := s.Epochs
		if s.Epochs = own.Epochs; !reflect.DeepEqual(s, own) {
			continue
		}
		if manifest, err := run.Manifest(); err == nil && manifest.State == record.Finished {
			longest, epochs, of = run, before, manifest
		}
	}
	return longest, epochs, of
}
