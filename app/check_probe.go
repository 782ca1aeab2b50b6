package app

import (
	"context"
	"time"
)

// probePatience is how long a client may take to say something about itself.
const probePatience = 2 * time.Second

// probe asks the client about itself, which placement wants to know, when the work of
// the check is done and nobody waits for the next. Whether it answers tells nothing of
// the server's health: it has just answered.
func (r *round) probe(ctx context.Context) {
	if !r.server.ProbeDue(r.Now()) || r.result.More || r.isWanted() {
		return
	}
	patient, cancel := context.WithTimeout(ctx, probePatience)
	defer cancel()
	info, err := r.client.Probe(patient)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		r.Log.DebugContext(ctx, "the client says nothing about itself", "server", r.server.ID, "error", err)
		r.server.Answers(nil, r.report, r.Now())
	default:
		r.server.Answers(&info, r.report, r.Now())
	}
}

// isWanted reports whether the server is to be checked again at once.
func (r *round) isWanted() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.wanted[r.server.ID]
}
