package graph

import (
	"math"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/graph/generated"
)

// bulkCost is what a change of many costs: what is asked of each result, as often as
// there may be results.
func bulkCost(child int, ids []uuid.UUID, atMost int) int {
	length := len(ids)
	if ids == nil {
		length = atMost
	}
	return manyCost(child, min(length, app.MostMatched))
}

// bulkCosts makes the results of a change of many cost what they are many times, and
// what stands beside them nothing.
func bulkCosts(c *generated.ComplexityRoot) {
	c.Mutation.AddTorrents = func(child int, input generated.AddTorrentsInput) int {
		return manyCost(child, min(len(input.Torrents), app.MostAtOnce))
	}
	c.Mutation.UpdateTorrents = func(child int, input generated.UpdateTorrentsInput) int {
		return bulkCost(child, input.Ids, input.AtMost)
	}
	c.Mutation.RemoveTorrents = func(child int, input generated.RemoveTorrentsInput) int {
		return bulkCost(child, input.Ids, input.AtMost)
	}
	c.Mutation.MarkTorrentsIncomplete = func(child int, input generated.MarkTorrentsIncompleteInput) int {
		return bulkCost(child, input.Ids, input.AtMost)
	}
	nothing, child := func(int) int { return 0 }, func(child int) int { return child }
	c.AddTorrentsPayload.Succeeded, c.AddTorrentsPayload.Failed, c.AddTorrentsPayload.Results = nothing, nothing, child
	c.UpdateTorrentsPayload.Succeeded, c.UpdateTorrentsPayload.Failed, c.UpdateTorrentsPayload.Results = nothing, nothing, child
	c.RemoveTorrentsPayload.Succeeded, c.RemoveTorrentsPayload.Failed, c.RemoveTorrentsPayload.Results = nothing, nothing, child
	c.MarkTorrentsIncompletePayload.Succeeded, c.MarkTorrentsIncompletePayload.Failed, c.MarkTorrentsIncompletePayload.Results = nothing, nothing, child
}

// manyCost takes a length that will be refused anyway for the nearest allowed one.
func manyCost(child, length int) int {
	length = max(length, 1)
	if child > (math.MaxInt-1)/length {
		return math.MaxInt
	}
	return 1 + child*length
}
