package graph

import (
	"math"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/generated"
)

// fewServers is how many servers an installation is taken to have.
const fewServers = 20

// listCosts makes a list cost what its elements do.
func listCosts() generated.ComplexityRoot {
	var c generated.ComplexityRoot
	c.Query.Torrents = func(child, first int, _ *string, _ *domain.TorrentFilter) int {
		return listCost(child, first)
	}
	c.TorrentServer.Torrents = func(child, first int, _ *string) int { return listCost(child, first) }
	c.Query.Completions = func(child, first int, _ *string) int { return listCost(child, first) }
	c.Query.TorrentServers = func(child int) int { return listCost(child, fewServers) }
	c.CheckTorrentsPayload.Checks = func(child int) int { return listCost(child, fewServers) }
	c.Subscription.Progress = func(child int, ids []string, _ *domain.TorrentFilter, _ float64) int {
		if ids != nil {
			return listCost(child, len(ids))
		}
		return listCost(child, maxPage)
	}
	return c
}

// listCost takes a length that will be refused anyway for the nearest allowed one.
func listCost(child, length int) int {
	length = min(max(length, 1), maxPage)
	if child > (math.MaxInt-1)/length {
		return math.MaxInt
	}
	return 1 + child*length
}
