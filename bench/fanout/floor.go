package main

import (
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// floor writes the same message to every socket, with one goroutine for each.
type floor struct {
	message []byte

	mu      sync.Mutex
	sockets []chan struct{}
}

func newFloor(message []byte) *floor { return &floor{message: message} }

// ServeHTTP implements http.Handler.
func (f *floor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	news := make(chan struct{}, 1)
	f.mu.Lock()
	f.sockets = append(f.sockets, news)
	f.mu.Unlock()
	for range news {
		if conn.Write(r.Context(), websocket.MessageText, f.message) != nil {
			return
		}
	}
}

func (f *floor) tell() (time.Time, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := time.Now()
	for _, news := range f.sockets {
		select {
		case news <- struct{}{}:
		default: // it has gone
		}
	}
	return at, nil
}
