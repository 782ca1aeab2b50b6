package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// Callers such as curl do not say that they accept a stream; it ends with the doors all
// the same, and at once.
func TestStopEndsWhatLasts(t *testing.T) {
	t.Parallel()
	for target, header := range map[string]string{
		"/api/events/stream": "",
		"/api/clarion-app/download-manager/events/stream/": "",
		"/api/events?after=0&wait=30":                      "",
		"/graphql":                                         "Accept: text/event-stream\r\n",
	} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			begun := make(chan struct{})
			d, address, log := openDoors(t, func(_ http.ResponseWriter, r *http.Request) {
				close(begun)
				<-r.Context().Done()
			})
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n", target, header); err != nil {
				t.Fatal(err)
			}
			<-begun
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := d.stop(ctx); err != nil {
				t.Error(err)
			}
			if _, err := io.ReadAll(conn); err != nil {
				t.Error(err)
			}
			if got := log.String(); got != "" {
				t.Errorf("logged %q", got)
			}
		})
	}
	for _, target := range []string{"/api/events", "/api/torrents", "/events/streams", "/api/torrents/wait?wait=1"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
		if err != nil {
			t.Fatal(err)
		}
		if lasts(r) {
			t.Errorf("%s is taken for something that lasts", target)
		}
	}
}
