package app

import (
	"context"
	"slices"
	"sync"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// TorrentDetails tells of the inside of torrents: what files they have, and whom their
// clients ask and are connected with. It is asked when somebody looks, once for all who
// look within the Window of Progress, and waited for no longer than its Patience.
type TorrentDetails struct {
	Progress *Progress

	once     sync.Once
	files    sharedAnswers[detailAsked, detail[domain.TransferFile]]
	trackers sharedAnswers[detailAsked, detail[domain.Tracker]]
	peers    sharedAnswers[detailAsked, detail[domain.Peer]]

	mu    sync.Mutex
	doors map[uuid.UUID]chan struct{}
}

// detailAsked is which transfer of which server is asked about.
type detailAsked struct {
	server uuid.UUID
	hash   domain.InfoHash
}

// detail is what a client answered.
type detail[T any] struct {
	list []T
	err  error
}

// askedAtOnce is how many transfers of one server are asked about at the same time: a
// page of them must not crowd out the checks.
const askedAtOnce = 4

func (a *TorrentDetails) init() {
	a.once.Do(func() {
		patience, window := a.Progress.Patience, a.Progress.Window
		a.files = sharedAnswers[detailAsked, detail[domain.TransferFile]]{patience: patience, window: window}
		a.trackers = sharedAnswers[detailAsked, detail[domain.Tracker]]{patience: patience, window: window}
		a.peers = sharedAnswers[detailAsked, detail[domain.Peer]]{patience: patience, window: window}
		a.doors = map[uuid.UUID]chan struct{}{}
	})
}

// Files returns the files of a torrent in the order of its metainfo: none while that
// is missing, and nil when the client does not hold the torrent or does not answer. It
// is KindInvalid when the type of client does not tell.
func (a *TorrentDetails) Files(ctx context.Context, t *domain.Torrent) ([]domain.TransferFile, error) {
	a.init()
	return inside(ctx, a, &a.files, t, domain.CapabilityFiles, ports.TransferDetails.Files)
}

// Trackers returns the trackers of a torrent, by tier, under the terms of Files. The
// transfer may be shared with others, so that of a tracker which is not in the
// torrent's own magnet link only an administrator sees more than its host: the rest may
// be somebody else's passkey.
func (a *TorrentDetails) Trackers(ctx context.Context, actor domain.Actor, t *domain.Torrent) ([]domain.Tracker, error) {
	a.init()
	trackers, err := inside(ctx, a, &a.trackers, t, domain.CapabilityTrackers, ports.TransferDetails.Trackers)
	if actor.IsAdministrator() {
		return trackers, err
	}
	own := t.MagnetURI.Trackers()
	for i, tracker := range trackers {
		if !slices.Contains(own, tracker.URL) {
			trackers[i] = tracker.Outline()
		}
	}
	return trackers, err
}

// Peers returns who the client is connected with over a torrent, under the terms of
// Files.
func (a *TorrentDetails) Peers(ctx context.Context, t *domain.Torrent) ([]domain.Peer, error) {
	a.init()
	return inside(ctx, a, &a.peers, t, domain.CapabilityPeers, ports.TransferDetails.Peers)
}

// inside asks for one kind of detail.
func inside[T any](
	ctx context.Context, a *TorrentDetails, answers *sharedAnswers[detailAsked, detail[T]], t *domain.Torrent, needs domain.Capability,
	ask func(ports.TransferDetails, context.Context, domain.InfoHash) ([]T, error),
) ([]T, error) {
	if t.AcceptedAt == nil || t.Removed() {
		return nil, nil
	}
	key := detailAsked{server: t.ServerID, hash: t.InfoHash()}
	answer := answers.get(ctx, key, func(ctx context.Context) detail[T] {
		list, err := askInside(ctx, a, key, needs, ask)
		if list == nil && err == nil {
			list = []T{} // held, and nothing to tell: not the same as unknown
		}
		return detail[T]{list: list, err: err}
	})
	switch domain.KindOf(answer.err) {
	case domain.KindUnavailable, domain.KindNotFound: // the server's health tells of the first
		return nil, nil
	}
	return slices.Clone(answer.list), answer.err
}

func askInside[T any](
	ctx context.Context, a *TorrentDetails, key detailAsked, needs domain.Capability,
	ask func(ports.TransferDetails, context.Context, domain.InfoHash) ([]T, error),
) ([]T, error) {
	servers, err := a.Progress.Servers.Find(ctx, domain.ServerFilter{IDs: []uuid.UUID{key.server}})
	if err != nil {
		return nil, err
	}
	if len(servers) == 0 || !a.Progress.looksAfter(servers[0]) {
		return nil, domain.Unavailable(nil, "another node looks after this server")
	}
	server := *servers[0]
	if !a.Progress.Clients.Capabilities(server.Type).Has(needs) {
		return nil, domain.Lacks(server.Type, needs)
	}
	leave, err := a.enter(ctx, server.ID)
	if err != nil {
		return nil, err
	}
	defer leave()
	client, err := a.Progress.Clients.Open(server)
	if err != nil {
		return nil, err
	}
	list, err := ask(client, ctx, key.hash)
	if ctx.Err() == nil && (err == nil || domain.KindOf(err) == domain.KindUnavailable) {
		a.Progress.heard(server.ID, err)
	}
	return list, err
}

// enter waits until few enough ask a server.
func (a *TorrentDetails) enter(ctx context.Context, serverID uuid.UUID) (leave func(), err error) {
	a.mu.Lock()
	door := a.doors[serverID]
	if door == nil {
		door = make(chan struct{}, askedAtOnce)
		a.doors[serverID] = door
	}
	a.mu.Unlock()
	select {
	case door <- struct{}{}:
		return func() { <-door }, nil
	case <-ctx.Done():
		return nil, domain.Unavailable(ctx.Err(), "the server has much to answer")
	}
}
