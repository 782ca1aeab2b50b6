package graph

import (
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/generated"
	"github.com/clarion-app/download-manager/graph/page"
)

// fewServers is how many servers an installation is taken to have.
const fewServers = 20

// fewUsers is how many users it is taken to have.
const fewUsers = 50

// listCosts makes a list cost what its elements do.
func listCosts() generated.ComplexityRoot {
	var c generated.ComplexityRoot
	c.Query.Torrents = torrentsCost
	c.TorrentServer.Torrents = torrentsCost
	c.TorrentCounts.ByStatus = func(child int) int { return listCost(child, len(domain.Statuses())) }
	c.TorrentCounts.ByServer = func(child int) int { return listCost(child, fewServers) }
	c.TorrentCounts.ByUser = func(child int) int { return listCost(child, fewUsers) }
	c.Query.Completions = func(child, first int, _ *string, _ *domain.EventFilter) int { return listCost(child, first) }
	c.Query.TorrentEvents = func(child, first int, _ *string, _ *domain.EventFilter) int { return listCost(child, first) }
	c.Query.Consumers = func(child int) int { return listCost(child, domain.MostConsumers) }
	c.Query.TorrentServers = func(child int) int { return listCost(child, fewServers) }
	c.CheckTorrentsPayload.Checks = func(child int) int { return listCost(child, fewServers) }
	c.Torrent.Files = func(child, first, _ int) int { return listCost(child, first) }
	c.Torrent.Trackers = listCost
	c.Torrent.ConnectedPeers = listCost
	bulkCosts(&c)
	c.Subscription.Progress = func(child int, ids []string, _ *domain.TorrentFilter, _ float64) int {
		if ids != nil {
			return listCost(child, len(ids))
		}
		return listCost(child, maxPage)
	}
	return c
}

func torrentsCost(
	child int, first *int, _ *string, last *int, _ *string, _ *domain.TorrentFilter, _ *domain.TorrentOrder,
) int {
	return listCost(child, page.Request{First: first, Last: last}.Length())
}

// listCost takes a length that will be refused anyway for the nearest allowed one.
func listCost(child, length int) int {
	return manyCost(child, min(length, maxPage))
}
