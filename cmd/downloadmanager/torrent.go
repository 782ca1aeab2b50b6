package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

type torrentCommand struct {
	Add    torrentAddCommand    `cmd:"" help:"Add magnet links, .torrent files, and addresses where either is to be had."`
	List   torrentListCommand   `cmd:"" help:"List torrents, newest first, with how they are doing."`
	Watch  torrentWatchCommand  `cmd:"" help:"Show how downloads get on until they are complete."`
	Pause  torrentPauseCommand  `cmd:"" help:"Pause torrents."`
	Resume torrentResumeCommand `cmd:"" help:"Let torrents go on."`
	Verify torrentVerifyCommand `cmd:"" help:"Have the data of torrents held against its hashes."`
	Remove torrentRemoveCommand `cmd:"" help:"Remove torrents."`
	Adopt  torrentAdoptCommand  `cmd:"" help:"Make torrents of what a server's client holds already."`
}

// shownTorrent is a torrent as the commands ask for it.
type shownTorrent struct {
	ID          string        `json:"id"`
	Name        string        `json:"name"`
	HashString  string        `json:"hashString"`
	Status      domain.Status `json:"status"`
	CreatedAt   time.Time     `json:"createdAt"`
	CompletedAt *time.Time    `json:"completedAt"`
	Problem     *struct {
		Message string `json:"message"`
	} `json:"problem"`
	Server struct {
		Address string            `json:"address"`
		Type    domain.ClientType `json:"type"`
	} `json:"server"`
	Progress *shownProgress `json:"progress"`
}

type shownProgress struct {
	Phase        domain.Phase `json:"phase"`
	FractionDone float64      `json:"fractionDone"`
	BytesWanted  int64        `json:"bytesWanted"`
	BytesLeft    int64        `json:"bytesLeft"`
	DownloadRate int64        `json:"downloadRate"`
	UploadRate   int64        `json:"uploadRate"`
	ETA          *float64     `json:"eta"`
	Peers        int          `json:"peers"`
}

// torrentFields are the fields of shownTorrent.
const torrentFields = `id name hashString status createdAt completedAt problem { message } server { address type } progress {
	phase fractionDone bytesWanted bytesLeft downloadRate uploadRate eta peers }`

// called is what people know a torrent by.
func (t shownTorrent) called() string {
	for _, name := range []string{t.Name, t.HashString} {
		if name != "" {
			return domain.CleanName(name)
		}
	}
	return t.ID
}

// errNotAll is the end of a command that could not do it for all; what was printed
// tells for which.
var errNotAll = errors.New("it could not be done for all of them")

// namedTorrents are the arguments of commands that do something with torrents.
type namedTorrents struct {
	Torrents []string `arg:"" name:"torrent" help:"Ids, or infohashes."`
}

// ids finds the torrents that are named.
func (n namedTorrents) ids(s *session, a *api) ([]string, error) {
	return findTorrents(s, a, n.Torrents)
}

func findTorrents(s *session, a *api, named []string) ([]string, error) {
	var ids []string
	for _, name := range named {
		if _, err := uuid.Parse(name); err == nil {
			ids = append(ids, name)
			continue
		}
		hash, err := domain.ParseInfoHash(name)
		if err != nil {
			return nil, usageError{fmt.Errorf("%q is neither an id nor an infohash", name)}
		}
		var got struct {
			Torrents struct{ Nodes []struct{ ID string } }
		}
		err = a.ask(s.ctx, `query($hash: String!) { torrents(first: 500, filter: { infoHash: $hash }) { nodes { id } } }`,
			map[string]any{"hash": hash.String()}, &got)
		if err != nil {
			return nil, err
		}
		if len(got.Torrents.Nodes) == 0 {
			return nil, domain.NotFound("there is no torrent of infohash %s", hash)
		}
		if len(got.Torrents.Nodes) > 1 {
			var all []string
			for _, node := range got.Torrents.Nodes {
				all = append(all, node.ID)
			}
			return nil, domain.Conflict("%s is the infohash of several torrents: name them by their ids (%s)", hash, strings.Join(all, ", "))
		}
		ids = append(ids, got.Torrents.Nodes[0].ID)
	}
	return ids, nil
}

// bulkResult is what came of a bulk mutation.
type bulkResult struct {
	Results []struct {
		TorrentID string        `json:"torrentId"`
		Torrent   *shownTorrent `json:"torrent"`
		Error     *struct {
			Message string `json:"message"`
		} `json:"error"`
	} `json:"results"`
}

// change runs a bulk mutation over torrents and prints what came of each.
func change(s *session, a *api, named namedTorrents, mutation, input, done string, extra map[string]any) error {
	ids, err := named.ids(s, a)
	if err != nil {
		return err
	}
	variables := map[string]any{"ids": ids}
	for name, value := range extra {
		variables[name] = value
	}
	var got map[string]bulkResult
	query := fmt.Sprintf(`mutation($input: %s!) { %s(input: $input) { results { torrentId torrent { id name hashString } error { message } } } }`, input, mutation)
	if err := a.ask(s.ctx, query, map[string]any{"input": variables}, &got); err != nil {
		return err
	}
	failed := false
	for _, r := range got[mutation].Results {
		if r.Error != nil {
			failed = true
			fmt.Fprintf(s.stderr, "%s: %s\n", r.TorrentID, r.Error.Message)
			continue
		}
		fmt.Fprintf(s.stdout, "%s %s\n", done, r.Torrent.called())
	}
	if failed {
		return errNotAll
	}
	return nil
}

type torrentPauseCommand struct {
	apiSettings
	namedTorrents
}

// Run pauses.
func (c *torrentPauseCommand) Run(s *session) error {
	return change(s, c.api(), c.namedTorrents, "pauseTorrents", "PauseTorrentsInput", "paused", nil)
}

type torrentResumeCommand struct {
	apiSettings
	namedTorrents
}

// Run resumes.
func (c *torrentResumeCommand) Run(s *session) error {
	return change(s, c.api(), c.namedTorrents, "resumeTorrents", "ResumeTorrentsInput", "resumed", nil)
}

type torrentVerifyCommand struct {
	apiSettings
	namedTorrents
}

// Run has data verified.
func (c *torrentVerifyCommand) Run(s *session) error {
	return change(s, c.api(), c.namedTorrents, "verifyTorrents", "VerifyTorrentsInput", "verifying", nil)
}

type torrentRemoveCommand struct {
	apiSettings
	namedTorrents
	DeleteData bool `novar:"" help:"Delete what was downloaded, too."`
}

// Run removes.
func (c *torrentRemoveCommand) Run(s *session) error {
	return change(s, c.api(), c.namedTorrents, "removeTorrents", "RemoveTorrentsInput", "removed", map[string]any{"deleteData": c.DeleteData})
}

// printJSON prints a value on a line of its own.
func printJSON(s *session, value any) error { return json.NewEncoder(s.stdout).Encode(value) }
