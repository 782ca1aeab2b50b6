package aria2

import (
	"context"
	"strings"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/jsonscan"
)

// find looks for one torrent that the daemon holds.
func (c *Client) find(ctx context.Context, hash domain.InfoHash) (*download, error) {
	list, err := c.look(ctx, detailKeys)
	if err != nil {
		return nil, err
	}
	d := list.of(hash)
	if d == nil {
		return nil, notHeld(hash)
	}
	return d, nil
}

// Files implements ports.TransferDetails.
func (c *Client) Files(ctx context.Context, hash domain.InfoHash) ([]domain.TransferFile, error) {
	d, err := c.find(ctx, hash)
	if err != nil || !d.hasInfo {
		return nil, err
	}
	replies, err := c.rpc.all(ctx, []request{{"aria2.getFiles", []any{d.gid}}}, maxInside)
	if err != nil {
		return nil, unavailable(err)
	}
	if replies[0].refusal != nil {
		return nil, notHeld(hash) // it has gone in between
	}
	files, err := readFiles(replies[0].result, d.folder)
	if err != nil {
		return nil, nonsense(err)
	}
	return files, nil
}

// readFiles reads the files of a torrent that is downloaded into a folder.
func readFiles(result []byte, folder string) ([]domain.TransferFile, error) {
	files := []domain.TransferFile{}
	s := jsonscan.New(result)
	err := s.Array(func() error {
		file := domain.TransferFile{Index: -1}
		err := s.Object(func(key []byte) (err error) {
			var number int64
			switch string(key) {
			case "index":
				number, err = readCount(s)
				file.Index = int(number) - 1
			case "path":
				file.Path, err = readText(s)
			case "length":
				file.Size, err = readCount(s)
			case "completedLength":
				file.BytesDone, err = readCount(s)
			case "selected":
				file.Wanted, err = readFlag(s)
			default:
				err = pass(s)
			}
			return err
		})
		if err == nil && (file.Index < 0 || file.Path == "") {
			err = errMalformed
		}
		file.Path = domain.CleanText(below(folder, file.Path))
		files = append(files, file)
		return err
	})
	return files, err
}

// below takes the folder off a path.
func below(folder, path string) string {
	if rest, found := strings.CutPrefix(path, strings.TrimRight(folder, "/")+"/"); found && folder != "" {
		return rest
	}
	return path
}

// Trackers implements ports.TransferDetails. How they do is not told by any request,
// so that none is said to be working.
func (c *Client) Trackers(ctx context.Context, hash domain.InfoHash) ([]domain.Tracker, error) {
	d, err := c.find(ctx, hash)
	if err != nil {
		return nil, err
	}
	return d.trackerList(), nil
}
