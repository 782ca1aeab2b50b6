package aria2

import (
	"context"

	"github.com/clarion-app/download-manager/domain"
)

// keptOptions are those of a stopped download that hold for one begun in its place.
var keptOptions = []string{"dir", "select-file", "max-download-limit", "max-upload-limit", "seed-ratio", "seed-time"}

// beginAnew begins downloads in the place of those that an error has stopped: aria2
// has no way back from there. What is there of the files is verified and kept.
func (c *Client) beginAnew(ctx context.Context, list listing, stopped []*download) error {
	for _, d := range stopped {
		hash, err := domain.ParseInfoHash(d.hash)
		if err != nil {
			return nonsense(errMalformed)
		}
		result, err := c.rpc.call(ctx, request{"aria2.getOption", []any{d.gid}})
		if err != nil {
			return unavailable(err)
		}
		var had map[string]string
		if err := decode(result, &had); err != nil {
			return err
		}
		kept := map[string]string{}
		for _, name := range keptOptions {
			if value := had[name]; value != "" {
				kept[name] = value
			}
		}
		added := addition(domain.Handover{Magnet: d.magnet(hash)}, kept)
		// The old ones go in the same request: their gid is free then.
		var calls []request
		for i := range list.all {
			if other := &list.all[i]; other.hash == d.hash && other.state.stopped() {
				calls = append(calls, request{"aria2.removeDownloadResult", []any{other.gid}})
			}
		}
		replies, err := c.rpc.all(ctx, append(calls, added), maxAnswer)
		if err != nil {
			return unavailable(err)
		}
		if no := replies[len(calls)].refusal; no != nil {
			return domain.Conflict("aria2 does not begin this torrent anew: %s", no.message)
		}
	}
	return nil
}
