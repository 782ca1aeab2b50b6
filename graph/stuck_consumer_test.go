package graph_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

var longName = strings.Repeat("n", 4000)

// endlessLog is an event log with ever more completions, and tells when its last
// reader has gone.
type endlessLog struct {
	ports.EventLog
	ports.EventSignal
	gone chan struct{}
}

func (l endlessLog) After(_ context.Context, query ports.EventQuery) ([]domain.Event, error) {
	events := make([]domain.Event, query.Limit)
	for i := range events {
		now := time.Now()
		events[i] = domain.Event{
			Cursor: query.After + domain.Cursor(i) + 1, Type: domain.EventCompleted, CompletedAt: &now,
			UserID: query.Filter.UserID, Name: longName,
		}
	}
	return events, nil
}

func (l endlessLog) Subscribe() (<-chan struct{}, func()) {
	hint, stop := l.EventSignal.Subscribe()
	return hint, func() {
		stop()
		l.gone <- struct{}{}
	}
}

// A client that stops reading fills the buffers between it and the server; from then
// on the server's writes would hang for ever. It is dropped instead, and what it
// followed ends with it; goleak sees whether anything is left.
func TestConsumerOfAnEventStreamThatDoesNotReadIsDropped(t *testing.T) {
	t.Parallel()
	d, log := openImpatientDoor(t)
	for range 10 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(d.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, err = fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"+
			"Accept: text/event-stream\r\nContent-Length: %d\r\n\r\n%s", admin, len(followAll), followAll)
		if err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReaderSize(conn, 16).ReadString('\n'); err != nil || !strings.Contains(line, "200 OK") {
			t.Fatal(line, err)
		}
	}
	log.waitUntilDropped(t)
}
