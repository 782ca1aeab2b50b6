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

	mu   sync.Mutex
	news chan struct{} // closed when there is some
}

func newFloor(message []byte) *floor { return &floor{message: message, news: make(chan struct{})} }

// ServeHTTP implements http.Handler.
func (f *floor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	ctx := r.Context()
	for {
		f.mu.Lock()
		news := f.news
		f.mu.Unlock()
		<-news
		if conn.Write(ctx, websocket.MessageText, f.message) != nil {
			return
		}
	}
}

func (f *floor) tell() (time.Time, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := time.Now()
	close(f.news)
	f.news = make(chan struct{})
	return at, nil
}
