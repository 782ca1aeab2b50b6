package rtorrent

import (
	"context"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

// reload changes the settings of a magnet without metadata, by loading it anew.
// When the metadata comes, the daemon makes another torrent of it, for which it
// runs the commands that the magnet was loaded with: all that was changed since
// would be lost. It is taken out and loaded again in one request, so that whatever
// breaks off in between leaves it there; and should it not be loaded, it is not
// forgotten.
func (c *Client) reload(ctx context.Context, t held, s domain.TransferSettings) error {
	s = t.settings(s)
	rows, _, err := c.table(ctx, t.hash, call{"t.multicall", []any{target(t.hash), "", "t.url=", "t.type="}})
	if err != nil {
		return err
	}
	text := "magnet:?xt=urn:btih:" + t.hash.String()
	for _, row := range rows {
		if counted(row[1]) != kindDHT {
			text += "&tr=" + url.QueryEscape(row[0].String())
		}
	}
	magnet, err := domain.ParseMagnet(text)
	if err != nil {
		return nonsense(malformed("trackers that are none"))
	}
	handover := domain.Handover{Magnet: magnet, Settings: s, Paused: !t.started}
	begin, err := c.beginning(t.hash, s)
	if err != nil {
		return err
	}
	if t.added != "" && strings.Trim(t.added, "0123456789") == "" {
		begin.commands = append(begin.commands, "d.custom.set="+addedTime+","+t.added)
	}
	if err := c.prepare(ctx, handover, begin); err != nil {
		return err
	}
	answers, err := c.rpc.calls(ctx, call{"d.erase", []any{target(t.hash)}}, load(handover, begin))
	erased := err == nil && (answers[0].err == nil || isUnknownHash(answers[0].err))
	if erased {
		err = all(answers[1:])
	} else if err == nil {
		err = all(answers)
	}
	if err == nil {
		err = c.welcome(ctx, handover)
	}
	if err == nil {
		return nil
	}
	torrent := lostTorrent{handover, begin}
	if again := c.handBack(ctx, torrent); again != nil {
		c.lost.keep(t.hash, torrent)
		return err
	}
	if erased { // then it is there as it is to be
		return nil
	}
	return err
}

// magnetFolders asks where magnets without metadata lie that were put nowhere: 0.16
// keeps them with its session, and their data will be elsewhere.
func magnetFolders() []call { return []call{{"session.path", nil}, {"magnet.path", nil}} }

// readMagnetFolders reads the answers; 0.9 has but one of the two.
func readMagnetFolders(answers []result) (folders []string) {
	for _, answer := range answers {
		if folder := string(answer.value.text); folder != "" {
			folders = append(folders, path.Clean(folder))
		}
	}
	return folders
}

// settings are those that a magnet has, with others over them.
func (t *held) settings(s domain.TransferSettings) domain.TransferSettings {
	if label := decodeLabel(t.label); s.Label == nil && label != "" {
		s.Label = &label
	}
	if s.Folder == nil && path.IsAbs(t.folder) && !slices.Contains(t.elsewhere, path.Clean(t.folder)) {
		s.Folder = &t.folder
	}
	for priority, number := range priorities {
		if s.Priority == nil && number == t.priority && priority != domain.PriorityNormal {
			s.Priority = &priority
			break
		}
	}
	before, _ := readLimits(t.throttle)
	down, up := before.down<<10, before.up<<10
	if s.DownloadLimit == nil {
		s.DownloadLimit = &down
	}
	if s.UploadLimit == nil {
		s.UploadLimit = &up
	}
	return s
}
