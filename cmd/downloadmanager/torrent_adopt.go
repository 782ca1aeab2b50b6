package main

import "fmt"

type torrentAdoptCommand struct {
	apiSettings
	Server        string `arg:"" help:"The id of the torrent server."`
	Owner         string `novar:"" placeholder:"ID" help:"The user whose they become; whoever asks unless set."`
	TellCompleted bool   `novar:"" help:"Tell of those that are complete already as if they had just completed."`
	DryRun        bool   `novar:"" help:"Only say what would be adopted."`
}

// Run adopts, and prints how many.
func (c *torrentAdoptCommand) Run(s *session) error {
	input := map[string]any{"serverId": c.Server, "tellCompleted": c.TellCompleted, "dryRun": c.DryRun}
	if c.Owner != "" {
		input["userId"] = c.Owner
	}
	var got struct {
		AdoptTorrents struct {
			Adopted, Completed, Known int
			Refused                   []struct {
				HashString string
				Error      struct{ Message string }
			}
		}
	}
	err := c.api().ask(s.ctx, `mutation($input: AdoptTorrentsInput!) { adoptTorrents(input: $input) {
		adopted completed known refused { hashString error { message } } } }`, map[string]any{"input": input}, &got)
	if err != nil {
		return err
	}
	adoption := got.AdoptTorrents
	for _, refused := range adoption.Refused {
		fmt.Fprintf(s.stderr, "%s: %s\n", refused.HashString, refused.Error.Message)
	}
	fmt.Fprintf(s.stdout, "%d adopted (%d of them complete), %d known already\n", adoption.Adopted, adoption.Completed, adoption.Known)
	if len(adoption.Refused) > 0 {
		return errNotAll
	}
	return nil
}
