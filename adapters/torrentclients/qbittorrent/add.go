package qbittorrent

import (
	"bytes"
	"context"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// showTime is how long what a daemon has taken may stay invisible: usually some
// milliseconds, seconds while it takes many. It does show nothing at all of what
// it cannot put where it should.
const showTime = 5 * time.Second

// Add implements ports.TorrentClient. It returns when the daemon shows the
// torrent. Files can be left out only where the metainfo is given, else they are
// not known yet: KindConflict.
func (c *Client) Add(ctx context.Context, handover domain.Handover) (domain.InfoHash, error) {
	hash := handover.InfoHash()
	switch {
	case handover.Magnet.IsZero():
		return domain.InfoHash{}, domain.Invalid("magnetURI", "is required")
	case handover.Metainfo == nil && handover.Settings.Unwanted != nil && len(*handover.Settings.Unwanted) > 0:
		return domain.InfoHash{}, errNoFiles()
	}
	if err := checkSettings(handover.Settings); err != nil {
		return domain.InfoHash{}, err
	}
	body, contentType, err := addForm(handover)
	if err != nil {
		return domain.InfoHash{}, err
	}
	got, err := c.api.do(ctx, call{path: "torrents/add", post: true, body: body, contentType: contentType})
	taken := err == nil && isTaken(got.body)
	no, isRefusal := refused(err, http.StatusBadRequest, http.StatusConflict, http.StatusUnsupportedMediaType)
	switch {
	case err != nil && !isRefusal:
		return domain.InfoHash{}, unavailable(err)
	case err == nil && !taken && !isDoubt(got.body):
		return domain.InfoHash{}, nonsense(errMalformed)
	case !taken && (no == nil || no.status == http.StatusConflict):
		if err := c.wasThere(ctx, handover); err != nil {
			return domain.InfoHash{}, err
		}
		return hash, nil
	case !taken:
		return domain.InfoHash{}, refusedAdd(handover, no.says())
	}
	if err := c.awaitShown(ctx, handover.Magnet); err != nil {
		return domain.InfoHash{}, err
	}
	if handover.Metainfo != nil && handover.Settings.Unwanted != nil {
		if err := c.leaveOut(ctx, handover); err != nil {
			return domain.InfoHash{}, err
		}
	}
	return hash, nil
}

// isTaken reads the answer to an add: "Ok.", or from 5.2 on an object that counts.
func isTaken(body []byte) bool {
	var counts struct {
		Taken   int `json:"success_count"`
		Pending int `json:"pending_count"`
	}
	if bytes.HasPrefix(body, []byte("{")) {
		return json.Unmarshal(body, &counts) == nil && counts.Taken+counts.Pending > 0
	}
	return strings.TrimSpace(string(body)) == "Ok."
}

// isDoubt reads "Fails.", which is said of what is there already, and of what is
// refused.
func isDoubt(body []byte) bool {
	var counts struct {
		Failed int `json:"failure_count"`
	}
	if bytes.HasPrefix(body, []byte("{")) {
		return json.Unmarshal(body, &counts) == nil && counts.Failed > 0
	}
	return strings.TrimSpace(string(body)) == "Fails."
}

// wasThere tells the two meanings of a refusal apart.
func (c *Client) wasThere(ctx context.Context, handover domain.Handover) error {
	ids, err := c.ids(ctx, []domain.InfoHash{handover.InfoHash()})
	if err == nil && len(ids) == 0 {
		err = refusedAdd(handover, "it does not say why")
	}
	return unavailable(err)
}

func refusedAdd(handover domain.Handover, why string) error {
	field := "magnetURI"
	if handover.Metainfo != nil {
		field = "file"
	}
	return domain.Invalid(field, "is refused by qbittorrent: %s", why)
}

// awaitShown waits until the daemon shows what it has taken. It is looked for by
// name, and now and then among everything: a file of both versions is known by
// the second.
func (c *Client) awaitShown(ctx context.Context, magnet domain.Magnet) error {
	patience, cancel := context.WithTimeout(ctx, min(showTime, c.api.timeout))
	defer cancel()
	names := []domain.InfoHash{magnet.InfoHash()}
	if second, err := domain.ParseInfoHash(magnet.InfoHashV2()); err == nil {
		names = append(names, second)
	}
	wait := 5 * time.Millisecond
	for {
		torrents, err := c.named(patience, names)
		if err == nil && len(torrents) == 0 && wait > 100*time.Millisecond {
			var ids []string
			ids, err = c.ids(patience, names[:1])
			torrents = make([]torrent, len(ids))
		}
		if err == nil && len(torrents) > 0 {
			return nil
		}
		if err == nil && pause(patience, wait) {
			wait *= 2
			continue
		}
		if patience.Err() != nil && ctx.Err() == nil && !c.api.isClosed() {
			return domain.Unavailable(nil, "qbittorrent has taken the torrent and does not show it; its log may tell why")
		}
		return unavailable(c.api.explain(ctx, patience, err))
	}
}

// leaveOut selects the files of what was just added. When that fails it is taken
// out again, so that the next attempt begins anew.
func (c *Client) leaveOut(ctx context.Context, handover domain.Handover) error {
	id, err := c.id(ctx, handover.InfoHash())
	if err == nil {
		err = c.selectFiles(ctx, id, handover.Settings)
	}
	if err != nil {
		_ = c.Remove(ctx, []domain.InfoHash{handover.InfoHash()}, false) // else it stays with all its files
	}
	return unavailable(err)
}

// addForm writes a torrent and its settings as the daemon reads them, by the
// names of 4.x and of 5.x.
func addForm(handover domain.Handover) (body []byte, contentType string, err error) {
	var buffer bytes.Buffer
	form := multipart.NewWriter(&buffer)
	write := func(name, value string) {
		if err == nil {
			err = form.WriteField(name, value)
		}
	}
	settings := handover.Settings
	write("paused", strconv.FormatBool(handover.Paused))
	write("stopped", strconv.FormatBool(handover.Paused))
	if settings.Name != nil {
		write("rename", *settings.Name)
	}
	if settings.Label != nil && *settings.Label != "" {
		write("category", *settings.Label)
	}
	if settings.Folder != nil {
		write("savepath", *settings.Folder)
		write("autoTMM", "false") // else the daemon chooses the folder
	}
	if settings.DownloadLimit != nil {
		write("dlLimit", limitText(*settings.DownloadLimit))
	}
	if settings.UploadLimit != nil {
		write("upLimit", limitText(*settings.UploadLimit))
	}
	if handover.Metainfo == nil {
		write("urls", link(handover.Magnet))
	} else if err == nil {
		file, failure := form.CreateFormFile("torrents", "torrent")
		if err = failure; err == nil {
			_, err = file.Write(handover.Metainfo)
		}
	}
	if err == nil {
		err = form.Close()
	}
	return buffer.Bytes(), form.FormDataContentType(), err
}
