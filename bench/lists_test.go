package bench_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// listedTorrents is how many torrents there are in the figures of lists.
const listedTorrents = 100_000

// listConnections is how many connections ask at once.
const listConnections = 16

const listFields = `id localNode magnetURI hashString name status completedAt createdAt updatedAt problem {code message}`

// What is asked for: eleven fields, and those and the server.
const (
	plainList  = `{torrents(first: 50) {nodes {` + listFields + `}}}`
	serverList = `{torrents(first: 50) {nodes {` + listFields + ` server {id address type}}}}`
)

// BenchmarkListBesidePlainHandler compares the requests per second of a page of 50 of
// 100,000 torrents with those of a plain handler in a process of its own that gives
// the same rows from the same repositories: without authentication, and with ours.
func BenchmarkListBesidePlainHandler(b *testing.B) {
	for _, engine := range engines {
		b.Run(engine, func(b *testing.B) {
			dir := b.TempDir()
			dsn := bulkStore(b, engine, dir, listedTorrents)
			p := serve(b, dir, "DM_DATABASE_URL="+dsn)
			plain := startBaseline(b, dsn)
			targets := []target{
				graphQLTarget(b, p, plainList), graphQLTarget(b, p, serverList),
				newTarget(b, plain, "/torrents", "", ""), newTarget(b, plain, "/torrents-and-servers", "", ""),
				newTarget(b, plain, "/guarded/torrents", adminToken, ""), newTarget(b, plain, "/guarded/torrents-and-servers", adminToken, ""),
			}
			for _, t := range targets {
				checkRows(b, t)
			}
			l := alternately(b, 10, listConnections, 500*time.Millisecond, targets...)
			first, late := targets[1], pageAfter(b, p, 1_999*50)
			pages := alternately(b, 10, 1, 300*time.Millisecond, first, late)
			b.ReportMetric(l[0].perSecond, "req/s")
			b.ReportMetric(l[1].perSecond, "req/s-with-server")
			b.ReportMetric(l[2].perSecond, "req/s-plain")
			b.ReportMetric(l[3].perSecond, "req/s-plain-with-server")
			b.ReportMetric(l[0].perSecond/l[2].perSecond, "list/plain")
			b.ReportMetric(l[1].perSecond/l[3].perSecond, "list/plain-with-server")
			b.ReportMetric(l[0].perSecond/l[4].perSecond, "list/plain-authenticated")
			b.ReportMetric(l[1].perSecond/l[5].perSecond, "list/plain-authenticated-with-server")
			b.ReportMetric(micros(l[0].cpu), "µs-cpu")
			b.ReportMetric(micros(l[1].cpu), "µs-cpu-with-server")
			b.ReportMetric(float64(l[2].cpu)/float64(l[0].cpu), "plain-cpu/list")
			b.ReportMetric(float64(l[3].cpu)/float64(l[1].cpu), "plain-cpu/list-with-server")
			b.ReportMetric(micros(pages[0].median), "µs/page")
			b.ReportMetric(float64(pages[1].median)/float64(pages[0].median), "page-2000/page-1")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// graphQLTarget asks a query of the product.
func graphQLTarget(b *testing.B, p *product, query string) target {
	b.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		b.Fatal(err)
	}
	return newTarget(b, p, "/graphql", adminToken, string(body))
}

func checkRows(b *testing.B, t target) {
	b.Helper()
	answer := t.once(b)
	if rows := bytes.Count(answer, []byte(`"createdAt":`)); rows != 50 || bytes.Contains(answer, []byte(`"errors":`)) {
		b.Fatalf("%d rows instead of 50: %.300s", rows, answer)
	}
}

// pageAfter is the page behind so many torrents. It pages there.
func pageAfter(b *testing.B, p *product, behind int) target {
	b.Helper()
	after := ""
	for behind > 0 {
		size := min(behind, 500)
		query := fmt.Sprintf(`{torrents(first: %d%s) {pageInfo {endCursor}}}`, size, after)
		var answer struct {
			Data struct {
				Torrents struct{ PageInfo struct{ EndCursor string } }
			}
		}
		if err := json.Unmarshal(graphQLTarget(b, p, query).once(b), &answer); err != nil {
			b.Fatal(err)
		}
		after = fmt.Sprintf(`, after: %q`, answer.Data.Torrents.PageInfo.EndCursor)
		behind -= size
	}
	t := graphQLTarget(b, p, strings.Replace(serverList, "first: 50", "first: 50"+after, 1))
	checkRows(b, t)
	return t
}
