package deluge

import (
	"context"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

// label groups a transfer. It goes through the Label plug-in, which is not turned on
// for the sake of it: that would change somebody's daemon. Its labels have no capitals;
// it writes them small itself.
func (c *Client) label(ctx context.Context, hash domain.InfoHash, label string) error {
	if label != "" {
		if err := c.makeLabel(ctx, label); err != nil {
			return err
		}
	}
	return c.setLabel(ctx, hash, label)
}

// makeLabel sees to it that a label can be given.
func (c *Client) makeLabel(ctx context.Context, label string) error {
	label = strings.ToLower(label)
	if strings.ContainsFunc(label, notInLabel) {
		return domain.Invalid("label", "may have only letters from a to z, digits, '_', '-' and '.' in deluge")
	}
	answers, err := c.rpc.call(ctx, call{method: "label.get_labels"})
	if err != nil {
		return unavailable(err)
	}
	found := false
	err = answers[0].read(func(r *reader) error {
		return r.list(func() error {
			text, err := r.text()
			found = found || string(text) == label
			return err
		})
	})
	switch {
	case refused(err, noMethod):
		return withoutPlugin()
	case err != nil:
		return unavailable(err)
	case found:
		return nil
	}
	answers, err = c.rpc.call(ctx, call{method: "label.add", arguments: []any{label}})
	if err != nil {
		return unavailable(err)
	}
	// Somebody may have been faster; if it is not that, giving it is refused.
	if err := answers[0].read((*reader).skip); !refused(err, "Exception") {
		return unavailable(err)
	}
	return nil
}

// noMethod is what calls are refused with that the daemon does not know: those of
// plug-ins that are off.
const noMethod = "AttributeError"

func notInLabel(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' && r != '-' && r != '.'
}

func withoutPlugin() error {
	return domain.Invalid("label", "needs deluge's Label plug-in, which is off: turn it on in deluge's preferences, or use no label")
}

// setLabel gives a label that there is, or takes it off.
func (c *Client) setLabel(ctx context.Context, hash domain.InfoHash, label string) error {
	answers, err := c.rpc.call(ctx, call{method: "label.set_torrent", arguments: []any{hash.String(), strings.ToLower(label)}})
	if err == nil {
		err = answers[0].read((*reader).skip)
	}
	switch {
	case refused(err, noMethod) && label == "":
		return nil // then there is none
	case refused(err, noMethod):
		return withoutPlugin()
	}
	return unavailable(err)
}
