package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

type torrentListCommand struct {
	apiSettings
	Status string `novar:"" placeholder:"STATUS" help:"Only those: queued, downloading or completed."`
	Server string `novar:"" placeholder:"ID" help:"Only those of a server."`
	Name   string `novar:"" placeholder:"TEXT" help:"Only those whose name has this in it."`
	Label  string `novar:"" placeholder:"TEXT" help:"Only those of a label."`
	Limit  int    `novar:"" default:"100" placeholder:"N" help:"How many at most; 0 for all."`
	JSON   bool   `novar:"" name:"json" help:"Print each as JSON, on a line of its own."`
}

// Validate is called by kong.
func (c *torrentListCommand) Validate() error {
	if c.Limit < 0 {
		return wrong("limit", "must not be negative")
	}
	return c.apiSettings.Validate()
}

// listPage is how many are asked for at once.
const listPage = 200

// Run lists.
func (c *torrentListCommand) Run(s *session) error {
	filter := map[string]any{}
	if c.Status != "" {
		filter["status"] = strings.ToUpper(c.Status)
	}
	if c.Server != "" {
		filter["serverId"] = c.Server
	}
	if c.Name != "" {
		filter["nameContains"] = c.Name
	}
	if c.Label != "" {
		filter["label"] = c.Label
	}
	table := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
	if !c.JSON {
		fmt.Fprintln(table, "ID\tNAME\tSTATUS\tDONE\tSIZE\tDOWN\tUP\tETA\tSERVER\tPROBLEM")
	}
	a, shown := c.api(), 0
	var after *string
	for {
		first := listPage
		if c.Limit > 0 {
			first = min(first, c.Limit-shown)
		}
		var got struct {
			Torrents struct {
				Nodes    []shownTorrent
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
			}
		}
		err := a.ask(s.ctx, `query($first: Int!, $after: String, $filter: TorrentFilter) {
			torrents(first: $first, after: $after, filter: $filter) { nodes { `+torrentFields+` } pageInfo { hasNextPage endCursor } } }`,
			map[string]any{"first": first, "after": after, "filter": filter}, &got)
		if err != nil {
			return err
		}
		for _, t := range got.Torrents.Nodes {
			if c.JSON {
				if err := printJSON(s, t); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintln(table, strings.Join(row(t), "\t"))
		}
		shown += len(got.Torrents.Nodes)
		if !got.Torrents.PageInfo.HasNextPage || shown == c.Limit {
			return table.Flush()
		}
		after = &got.Torrents.PageInfo.EndCursor
	}
}

// row is a torrent as the table shows it; "-" is what nobody knows.
func row(t shownTorrent) []string {
	done, size, down, up, eta, problem := "-", "-", "-", "-", "-", "-"
	if t.Status == domain.StatusCompleted {
		done = "100 %"
	}
	if p := t.Progress; p != nil {
		if t.Status != domain.StatusCompleted {
			done = percent(p.FractionDone)
		}
		size, down, up, eta = domain.FormatBytes(p.BytesWanted), rateOf(p.DownloadRate), rateOf(p.UploadRate), etaOf(p.ETA)
	}
	if t.Problem != nil {
		problem = domain.CleanText(t.Problem.Message)
	}
	return []string{t.ID, t.called(), strings.ToLower(string(t.Status)), done, size, down, up, eta, t.Server.Address, problem}
}

// percent rounds down: nothing is 100 % before it is whole.
func percent(fraction float64) string { return fmt.Sprintf("%.1f %%", float64(int(fraction*1000))/10) }

func rateOf(n int64) string {
	if n == 0 {
		return "-"
	}
	return domain.FormatBytes(n) + "/s"
}

func etaOf(seconds *float64) string {
	if seconds == nil {
		return "-"
	}
	return (time.Duration(*seconds) * time.Second).String()
}
