package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

type torrentAddCommand struct {
	apiSettings
	What   []string `arg:"" help:"A magnet link, a .torrent file, or an http(s) address of either."`
	Server string   `novar:"" placeholder:"ID" help:"The torrent server to use; one is chosen unless set."`
	Name   string   `novar:"" placeholder:"TEXT" help:"What to call it when it brings no name."`
	Label  string   `novar:"" placeholder:"TEXT" help:"A label; servers that carry it come first."`
	Folder string   `novar:"" placeholder:"PATH" help:"Where the data goes: one of the server's folders, or in one of them."`
	Paused bool     `novar:"" help:"Do not start it yet."`
	Watch  bool     `novar:"" help:"Show how they get on until they are complete."`
}

// Run adds one after the other and prints their ids. What cannot be added keeps no other
// out.
func (c *torrentAddCommand) Run(s *session) error {
	a, failed := c.api(), false
	var ids []string
	for _, what := range c.What {
		added, err := c.add(s, a, what)
		if err != nil {
			failed = true
			fmt.Fprintf(s.stderr, "%s: %v\n", what, err)
			continue
		}
		ids = append(ids, added.ID)
		fmt.Fprintf(s.stdout, "%s %s\n", added.ID, added.called())
	}
	if c.Watch && len(ids) > 0 {
		if err := watch(s, a, ids); err != nil {
			return err
		}
	}
	if failed {
		return errNotAll
	}
	return nil
}

func (c *torrentAddCommand) add(s *session, a *api, what string) (shownTorrent, error) {
	input := map[string]any{}
	for name, value := range map[string]string{"serverId": c.Server, "name": c.Name, "label": c.Label, "folder": c.Folder} {
		if value != "" {
			input[name] = value
		}
	}
	if c.Paused {
		input["paused"] = true
	}
	const mutation = `mutation($input: AddTorrentInput!) { addTorrent(input: $input) { torrent { id name hashString } } }`
	variables := map[string]any{"input": input}
	var got struct {
		AddTorrent struct{ Torrent shownTorrent }
	}
	var err error
	switch scheme, _, _ := strings.Cut(strings.ToLower(what), ":"); scheme {
	case "magnet":
		input["magnetURI"] = what
		err = a.ask(s.ctx, mutation, variables, &got)
	case "http", "https":
		input["url"] = what
		err = a.ask(s.ctx, mutation, variables, &got)
	default:
		var file []byte
		if file, err = readTorrentFile(what); err != nil {
			return shownTorrent{}, err
		}
		input["file"] = nil
		err = a.upload(s.ctx, mutation, variables, "variables.input.file", filepath.Base(what), file, &got)
	}
	return got.AddTorrent.Torrent, err
}

// readTorrentFile reads no more than what would be taken.
func readTorrentFile(path string) ([]byte, error) {
	file, err := os.Open(path) //nolint:gosec // it is the user's own, and is read with their rights
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(io.LimitReader(file, domain.MaxMetainfoBytes+1))
	if err == nil && len(content) > domain.MaxMetainfoBytes {
		err = fmt.Errorf("is larger than a .torrent file can be (%s)", domain.FormatBytes(domain.MaxMetainfoBytes))
	}
	return content, err
}
