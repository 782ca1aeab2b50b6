package graph

import (
	"math"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/graph/generated"
)

// bulkCosts makes a change of many cost what is asked of each result, as often as
// there may be results.
func bulkCosts(c *generated.ComplexityRoot) {
	c.Mutation.AddTorrents = func(child int, input generated.AddTorrentsInput) int {
		return resultsCost(child, min(len(input.Torrents), app.MostAtOnce))
	}
	c.Mutation.UpdateTorrents = func(child int, input generated.UpdateTorrentsInput) int {
		return changeCost(child, input.Ids, input.AtMost)
	}
	c.Mutation.RemoveTorrents = func(child int, input generated.RemoveTorrentsInput) int {
		return changeCost(child, input.Ids, input.AtMost)
	}
	c.Mutation.MarkTorrentsIncomplete = func(child int, input generated.MarkTorrentsIncompleteInput) int {
		return changeCost(child, input.Ids, input.AtMost)
	}
	c.Mutation.PauseTorrents = func(child int, input generated.PauseTorrentsInput) int {
		return changeCost(child, input.Ids, input.AtMost)
	}
	c.Mutation.ResumeTorrents = func(child int, input generated.ResumeTorrentsInput) int {
		return changeCost(child, input.Ids, input.AtMost)
	}
	c.Mutation.VerifyTorrents = func(child int, input generated.VerifyTorrentsInput) int {
		return changeCost(child, input.Ids, input.AtMost)
	}
	results := func(child int) int { return child }
	c.AddTorrentsPayload.Results, c.UpdateTorrentsPayload.Results = results, results
	c.PauseTorrentsPayload.Results, c.ResumeTorrentsPayload.Results, c.VerifyTorrentsPayload.Results = results, results, results
	c.RemoveTorrentsPayload.Results, c.MarkTorrentsIncompletePayload.Results = results, results
}

func changeCost(child int, ids []uuid.UUID, atMost int) int {
	if ids != nil {
		return resultsCost(child, min(len(ids), app.MostAtOnce))
	}
	return resultsCost(child, min(atMost, app.MostMatched))
}

// resultsCost takes two of the fields for the counts beside the results, of which
// there are not as many.
func resultsCost(child, length int) int { return manyCost(max(child-2, 1), length) }

// manyCost multiplies a cost, and takes no length for one.
func manyCost(child, length int) int {
	length = max(length, 1)
	if child > (math.MaxInt-1)/length {
		return math.MaxInt
	}
	return 1 + child*length
}
