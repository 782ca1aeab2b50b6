package bench_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// talkativeDaemon answers as a Transmission daemon with many torrents does, of which a
// few have always just changed, and counts how often it is asked for them.
type talkativeDaemon struct {
	*httptest.Server
	requests atomic.Int64
	all      string
	changing int
}

// newTalkativeDaemon starts one with so many torrents.
func newTalkativeDaemon(b *testing.B, torrents, changing int) *talkativeDaemon {
	b.Helper()
	d := &talkativeDaemon{all: talkativeRows(torrents, 1<<20), changing: changing}
	d.Server = httptest.NewServer(d)
	b.Cleanup(d.Close)
	return d
}

// during counts the requests within a time.
func (d *talkativeDaemon) during(period time.Duration) int64 {
	before := d.requests.Load()
	<-time.After(period)
	return d.requests.Load() - before
}

// perPeriod is how many requests there are in a period, from one to another.
func (d *talkativeDaemon) perPeriod(b *testing.B) float64 {
	b.Helper()
	next := func(count int64) time.Time {
		want := d.requests.Load() + count
		until(b, time.Minute, func() bool { return d.requests.Load() >= want })
		return time.Now()
	}
	began := next(1)
	return watchPeriods * watchPeriod.Seconds() / next(watchPeriods).Sub(began).Seconds()
}

// ServeHTTP implements http.Handler.
func (d *talkativeDaemon) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const session = "one"
	if r.Header.Get("X-Transmission-Session-Id") != session {
		w.Header().Set("X-Transmission-Session-Id", session)
		w.WriteHeader(http.StatusConflict)
		return
	}
	var request struct {
		Method    string
		Arguments struct{ IDs json.RawMessage }
	}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	arguments := `{}`
	switch {
	case request.Method == "session-stats":
		arguments = `{"current-stats":{"secondsActive":3600}}`
	case request.Method == "torrent-get" && string(request.Arguments.IDs) == `"recently-active"`:
		left := 1<<20 - d.requests.Add(1)
		arguments = `{"removed":[],` + talkativeRows(d.changing, left) + `}`
	case request.Method == "torrent-get":
		d.requests.Add(1)
		arguments = `{` + d.all + `}`
	}
	_, _ = w.Write([]byte(`{"arguments":` + arguments + `,"result":"success"}`)) // to a client that may have gone
}

// talkativeRows lists the first torrents with so many bytes left.
func talkativeRows(count int, left int64) string {
	var rows strings.Builder
	rows.WriteString(`"torrents":[["id","hashString","name","status","metadataPercentComplete","sizeWhenDone","leftUntilDone",` +
		`"rateDownload","rateUpload","peersConnected","uploadRatio","error","errorString","eta","doneDate"]`)
	for n := range count {
		fmt.Fprintf(&rows, `,[%d,"%040x","torrent %d",4,1,2000000,%d,100,10,5,0.5,0,"",60,0]`, n+1, n+1, n, left)
	}
	rows.WriteString("]")
	return rows.String()
}
