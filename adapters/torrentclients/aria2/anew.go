package aria2

import (
	"context"
	"slices"

	"github.com/clarion-app/download-manager/domain"
)

// keptOptions are those of a stopped download that hold for the one begun in its
// place.
var keptOptions = []string{"dir", "select-file", "max-download-limit", "max-upload-limit", "seed-ratio", "seed-time"}

// anewBatch is how many are begun anew in one request: a link with many trackers takes
// some kilobytes of the 2 MB.
const anewBatch = 100

// beginAnew begins downloads in the place of those that an error has stopped: aria2
// has no way back from there. What is there of the files is verified and kept. It
// takes two requests. KindConflict, after all have been tried, when one is refused.
func (c *Client) beginAnew(ctx context.Context, list listing, stopped []*download) error {
	var refused error
	for batch := range slices.Chunk(stopped, anewBatch) {
		no, err := c.beginBatchAnew(ctx, list, batch)
		if err != nil {
			return err
		}
		if no != nil {
			refused = domain.Conflict("aria2 does not begin a torrent anew: %s", no.message)
		}
	}
	return refused
}

func (c *Client) beginBatchAnew(ctx context.Context, list listing, stopped []*download) (no *refusal, err error) {
	var questions, calls []request
	for _, d := range stopped {
		questions = append(questions, request{"aria2.getOption", []any{d.gid}})
	}
	answers, err := c.rpc.all(ctx, questions, maxInside)
	if err != nil {
		return nil, unavailable(err)
	}
	for i, d := range stopped {
		hash, err := domain.ParseInfoHash(d.hash)
		if err != nil {
			return nil, nonsense(errMalformed)
		}
		if answers[i].refusal != nil {
			continue // forgotten in between
		}
		var had map[string]string
		if err := decode(answers[i].result, &had); err != nil {
			return nil, err
		}
		kept := map[string]string{}
		for _, name := range keptOptions {
			if value := had[name]; value != "" {
				kept[name] = value
			}
		}
		// The results go before: they have the gid.
		for j := range list.all {
			if other := &list.all[j]; other.hash == d.hash && other.state.stopped() {
				calls = append(calls, request{"aria2.removeDownloadResult", []any{other.gid}})
			}
		}
		calls = append(calls, addition(domain.Handover{Magnet: d.magnet(hash)}, kept))
	}
	replies, err := c.rpc.all(ctx, calls, maxAnswer)
	if err != nil {
		return nil, unavailable(err)
	}
	for i, call := range calls {
		if replies[i].refusal != nil && call.method == "aria2.addUri" {
			no = replies[i].refusal
		}
	}
	return no, nil
}
