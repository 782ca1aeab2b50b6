package qbittorrent

import (
	"context"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

// Configure implements ports.TransferControl. What it sets is set in turn, the
// folder last, since it moves the data.
func (c *Client) Configure(ctx context.Context, hash domain.InfoHash, settings domain.TransferSettings) error {
	if err := checkSettings(settings); err != nil {
		return err
	}
	id, err := c.id(ctx, hash)
	if err != nil {
		return err
	}
	for _, set := range []func(context.Context, string, domain.TransferSettings) error{
		c.rename, c.label, c.limit, c.selectFiles, c.move,
	} {
		if err := set(ctx, id, settings); err != nil {
			return unavailable(err)
		}
	}
	return nil
}

// set has one setting changed. The daemon's refusal is about the field.
func (c *Client) set(ctx context.Context, field string, what call) error {
	_, err := c.api.do(ctx, what)
	if _, gone := refused(err, http.StatusNotFound); gone {
		return domain.NotFound("qbittorrent does not hold this torrent any more")
	}
	if no, is := refused(err, http.StatusBadRequest, http.StatusForbidden, http.StatusConflict); is {
		return domain.Invalid(field, "is refused by qbittorrent: %s", no.says())
	}
	return err
}

func (c *Client) rename(ctx context.Context, id string, settings domain.TransferSettings) error {
	if settings.Name == nil {
		return nil
	}
	return c.set(ctx, "name", post("torrents/rename", url.Values{"hash": {id}, "name": {*settings.Name}}))
}

// label makes the label the torrent's category, which the daemon must have
// first. With its automatic management on, the daemon moves the data to where the
// category belongs.
func (c *Client) label(ctx context.Context, id string, settings domain.TransferSettings) error {
	if settings.Label == nil {
		return nil
	}
	set := post("torrents/setCategory", url.Values{"hashes": {id}, "category": {*settings.Label}})
	err := c.set(ctx, "label", set)
	if domain.KindOf(err) != domain.KindInvalid || *settings.Label == "" {
		return err
	}
	// The category may be there by now, which is a refusal, too.
	_, err = c.api.do(ctx, post("torrents/createCategory", url.Values{"category": {*settings.Label}}))
	if _, is := refused(err, http.StatusBadRequest, http.StatusConflict); err != nil && !is {
		return err
	}
	return c.set(ctx, "label", set)
}

func (c *Client) limit(ctx context.Context, id string, settings domain.TransferSettings) error {
	for _, l := range []struct {
		bytes       *int64
		field, path string
	}{
		{settings.DownloadLimit, "downloadLimit", "torrents/setDownloadLimit"},
		{settings.UploadLimit, "uploadLimit", "torrents/setUploadLimit"},
	} {
		if l.bytes == nil {
			continue
		}
		if err := c.set(ctx, l.field, post(l.path, url.Values{"hashes": {id}, "limit": {limitText(*l.bytes)}})); err != nil {
			return err
		}
	}
	return nil
}

// limitText is a limit as the daemon reads it: it keeps the lowest 32 bits of
// more than 2 GB a second.
func limitText(bytes int64) string {
	return strconv.FormatInt(min(max(0, bytes), math.MaxInt32), 10)
}

// selectFiles leaves some files out and takes all others in. Where somebody has
// given a file a priority of its own in the daemon it keeps that.
func (c *Client) selectFiles(ctx context.Context, id string, settings domain.TransferSettings) error {
	if settings.Unwanted == nil {
		return nil
	}
	files, err := c.files(ctx, id)
	switch {
	case err != nil:
		return err
	case len(files) == 0:
		return errNoFiles()
	}
	var off, on []string
	for _, index := range *settings.Unwanted {
		if index < 0 || index >= len(files) {
			return domain.Invalid("unwantedFiles", "names file %d; the torrent has %d, counted from 0", index, len(files))
		}
	}
	for _, file := range files {
		switch unwanted := slices.Contains(*settings.Unwanted, file.Index); {
		case unwanted && file.Wanted:
			off = append(off, strconv.Itoa(file.Index))
		case !unwanted && !file.Wanted:
			on = append(on, strconv.Itoa(file.Index))
		}
	}
	for _, change := range []struct {
		indexes  []string
		priority string
	}{{off, "0"}, {on, "1"}} {
		if len(change.indexes) == 0 {
			continue
		}
		form := url.Values{"hash": {id}, "id": {strings.Join(change.indexes, "|")}, "priority": {change.priority}}
		if err := c.set(ctx, "unwantedFiles", post("torrents/filePrio", form)); err != nil {
			return err
		}
	}
	return nil
}

func errNoFiles() error {
	return domain.Conflict("its files are not known yet, so that none can be left out")
}

func (c *Client) move(ctx context.Context, id string, settings domain.TransferSettings) error {
	if settings.Folder == nil {
		return nil
	}
	return c.set(ctx, "folder", post(setLocation, url.Values{"hashes": {id}, "location": {*settings.Folder}}))
}
