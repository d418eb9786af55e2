package record

import (
	"context"
	"fmt"
	"time"
)

// Once makes a run that does not exist yet, and keeps other processes from making it at the same time. find says
// whether the run exists. It is called again after the run is locked, because another process may have made the run in
// the meantime. say receives messages to the user; nil drops them.
func (r *Run) Once(ctx context.Context, say func(string), find func() (bool, error), make func() error) error {
	if there, err := find(); there || err != nil {
		return err
	}
	if err := ctx.Err(); err != nil { // before a folder is created for a run that does not begin
		return err
	}
	if err := r.Create(); err != nil {
		return err
	}
	release, err := r.Lock(ctx, func(holder string) {
		if say != nil {
			say(fmt.Sprintf("%s is training run %s: waiting for it", holder, r.Name()))
		}
	})
	if err != nil {
		return err
	}
	defer release()
	if there, err := find(); there || err != nil {
		return err
	}
	return make()
}

// End records how a run that began at since has ended: finished, cancelled, or failed with err. epochs is the number of
// epochs kept, and weights is the checksum of the weights of a finished run.
func (m *Manifest) End(ctx context.Context, since time.Time, epochs int, weights string, err error) {
	m.State, m.WeightsSHA256, m.Error, m.Epochs = Finished, weights, "", epochs
	switch {
	case err != nil && ctx.Err() != nil:
		m.State = Interrupted
	case err != nil:
		m.State, m.Error = Failed, err.Error()
	}
	if err != nil {
		m.WeightsSHA256 = ""
	}
	m.Finished = time.Now().UTC().Truncate(time.Millisecond)
	m.WallSeconds += time.Since(since).Seconds()
	m.PeakMemoryBytes = PeakMemory()
}
